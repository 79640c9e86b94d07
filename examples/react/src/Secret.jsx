import { useState } from 'react';
import { reveal, save } from './vault.js';

export function Secret({ id, name, kind, version, onError }) {
  const [value, setValue] = useState(null);

  async function attempt(what) {
    try {
      onError('');
      await what();
    } catch (failure) {
      onError(failure.message);
    }
  }

  function submit(event) {
    event.preventDefault();
    const form = event.target;
    return attempt(async () => {
      await save(id, new FormData(form).get('value'));
      form.reset();
    });
  }

  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{kind}</td>
      <td>{version}</td>
      <td>
        {value === null
          ? <button onClick={() => attempt(async () => setValue(await reveal(id)))}>Reveal</button>
          : <><code>{value}</code> <button onClick={() => setValue(null)}>Hide</button></>}
        <form onSubmit={submit}>
          <input name="value" type="password" aria-label={`New value of ${name}`} placeholder="New value" autoComplete="off" required />
          <button>Save</button>
        </form>
      </td>
    </tr>
  );
}
