import { writeFile } from 'node:fs/promises';
import { contractTypes } from './contract-types.ts';

await writeFile(new URL('src/api-types.ts', import.meta.url), contractTypes());
