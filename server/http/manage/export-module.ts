import type { exportModule } from '@rollcall/contract/manage/modules.ts';
import { moduleFile } from '../../domain/module-file.ts';
import { mostWanted } from '../accept.ts';
import type { Handler } from '../context.ts';
import { findModule } from './get-module.ts';
import { type ModuleFormat, writeModuleText } from './module-text.ts';

const EXTENSIONS: Readonly<Record<ModuleFormat, string>> = { 'application/yaml': 'yaml', 'text/markdown': 'md' };
const FILE_NAME_LENGTH_MAX = 60;

/** GET /manage/v1/modules/{moduleId}/export: a file, in the format that Accept wants most. */
export const handleExportModule: Handler<typeof exportModule> = async (call) => {
  const module = await findModule(call);
  const format = mostWanted(call.header('accept'), formatFor, 'application/yaml');
  const text = await writeModuleText(moduleFile(module), format);
  return {
    contentType: `${format}; charset=utf-8`,
    headers: {
      'content-disposition': `attachment; filename="${fileName(module.name)}.${EXTENSIONS[format]}"`,
      vary: 'Accept',
    },
    body: async () => text,
  };
};

function formatFor(type: string): ModuleFormat | null {
  if (type === 'text/markdown' || type === 'text/*') return 'text/markdown';
  if (type === 'application/yaml' || type === 'application/*' || type === '*/*') return 'application/yaml';
  return null;
}

/** A name in plain letters, digits and hyphens, which every file system and every header takes. */
function fileName(name: string): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return words?.join('-').slice(0, FILE_NAME_LENGTH_MAX).replace(/-$/, '') || 'module';
}
