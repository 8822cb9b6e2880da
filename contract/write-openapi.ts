import { writeFile } from 'node:fs/promises';
import { accountDocument, openapiText } from './openapi.ts';

await writeFile(new URL('openapi.json', import.meta.url), openapiText(accountDocument()));
