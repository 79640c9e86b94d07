'use client';

import { useActionState } from 'react';
import { change, use } from './actions';

export function Secret({ id, name, kind, version }) {
  const [used, useIt] = useActionState(() => use(id), {});
  const [changed, changeIt] = useActionState(change.bind(null, id), {});
  const error = used.error ?? changed.error;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{kind}</td>
      <td>{version}</td>
      <td>
        <form action={useIt}><button>Use</button> {used.message}</form>
        <form action={changeIt}>
          <input name="value" type="password" aria-label={`New value of ${name}`} placeholder="New value" autoComplete="off" required />
          <button>Save</button>
        </form>
        {error && <p role="alert">{error}</p>}
      </td>
    </tr>
  );
}
