import { useState } from 'react';
import { signIn } from './vault.js';

export function SignIn({ onSignIn }) {
  const [error, setError] = useState('');

  async function submit(event) {
    event.preventDefault();
    const form = new FormData(event.target);
    try {
      await signIn(form.get('user'), form.get('passphrase'));
      onSignIn(form.get('user'));
    } catch (failure) {
      setError(failure.message);
    }
  }

  return (
    <form onSubmit={submit}>
      <label>User <input name="user" autoComplete="username" required /></label>
      <label>Passphrase <input name="passphrase" type="password" autoComplete="current-password" required /></label>
      <button>Sign in</button>
      {error && <p role="alert">{error}</p>}
    </form>
  );
}
