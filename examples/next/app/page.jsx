import { list, user } from '../lib/vault';
import { leave } from './actions';
import { Live } from './Live';
import { Secret } from './Secret';
import { SignIn } from './SignIn';

export default async function Page() {
  const who = await user();
  return (
    <main>
      <h1>Secrets</h1>
      {who ? <Secrets username={who.username} secrets={await list()} /> : <SignIn />}
    </main>
  );
}

function Secrets({ username, secrets }) {
  return (
    <>
      <Live />
      <form action={leave}>{username} <button>Sign out</button></form>
      <table>
        <thead><tr><th>Name</th><th>Kind</th><th>Version</th><th>Value</th></tr></thead>
        <tbody>{secrets.map((secret) => <Secret key={`${secret.id} ${secret.version}`} {...secret} />)}</tbody>
      </table>
    </>
  );
}
