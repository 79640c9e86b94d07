'use client';

import { useActionState } from 'react';
import { enter } from './actions';

export function SignIn() {
  const [state, action, isPending] = useActionState(enter, {});
  return (
    <form action={action}>
      <label>User <input name="user" autoComplete="username" required /></label>
      <label>Passphrase <input name="passphrase" type="password" autoComplete="current-password" required /></label>
      <button disabled={isPending}>Sign in</button>
      {state.error && <p role="alert">{state.error}</p>}
    </form>
  );
}
