import { useEffect, useState } from 'react';
import { Secret } from './Secret.jsx';
import { list, watch } from './vault.js';

export function Secrets({ user, onLeave }) {
  const [secrets, setSecrets] = useState([]);
  const [error, setError] = useState('');

  useEffect(() => {
    let isHere = true;
    let stop = () => {};

    async function load() {
      try {
        const found = await list();
        if (isHere) setSecrets(found);
      } catch (failure) {
        if (isHere) setError(failure.message);
      }
    }

    watch(load).then((end) => {
      if (isHere) stop = end;
      else end();
      load();
    }, (failure) => setError(failure.message));
    return () => {
      isHere = false;
      stop();
    };
  }, []);

  return (
    <>
      <p>{user} <button onClick={onLeave}>Sign out</button></p>
      {error && <p role="alert">{error}</p>}
      <table>
        <thead><tr><th>Name</th><th>Kind</th><th>Version</th><th>Value</th></tr></thead>
        {/* What is shown of one version is forgotten with it. */}
        <tbody>{secrets.map((secret) => <Secret key={`${secret.id} ${secret.version}`} {...secret} onError={setError} />)}</tbody>
      </table>
    </>
  );
}
