import { writeFile } from 'node:fs/promises';
import { accountDocument, manageDocument, openapiText } from './openapi.ts';

await writeFile(new URL('openapi.json', import.meta.url), openapiText(accountDocument()));
await writeFile(new URL('manage-openapi.json', import.meta.url), openapiText(manageDocument()));
