import { runAll } from './harness.mjs';
import './sessions.mjs';
import './items.mjs';
import './changes.mjs';
import './people.mjs';
import './looks.mjs';
import './keyboard.mjs';
import './playground.mjs';
import './graphql.mjs';
import './giving-up.mjs';

process.exitCode = (await runAll()) ? 1 : 0;
