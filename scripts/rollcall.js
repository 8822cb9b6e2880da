import { runMain } from './remedy.js';
import { runProgram } from './setup.js';

await runMain(() => runProgram('server/main.ts', process.argv.slice(2)));
