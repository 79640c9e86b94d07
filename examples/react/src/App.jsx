import { useState } from 'react';
import { Secrets } from './Secrets.jsx';
import { SignIn } from './SignIn.jsx';
import { signOut } from './vault.js';

export function App() {
  const [user, setUser] = useState(null);

  async function leave() {
    await signOut();
    setUser(null);
  }

  return (
    <main>
      <h1>Secrets</h1>
      {user ? <Secrets user={user} onLeave={leave} /> : <SignIn onSignIn={setUser} />}
    </main>
  );
}
