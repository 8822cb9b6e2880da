import type { importModule } from '@rollcall/contract/manage/modules.ts';
import { readModuleFile } from '../../domain/module-template.ts';
import { mediaTypeOf } from '../body.ts';
import type { Handler } from '../context.ts';
import { answerNewModule } from './create-module.ts';
import { readModuleText } from './module-text.ts';

/** POST /manage/v1/modules/import. */
export const handleImportModule: Handler<typeof importModule> = async (call) => {
  const isMarkdown = mediaTypeOf(call.header('content-type')) === 'text/markdown';
  const file = await readModuleText(call.body, isMarkdown ? 'text/markdown' : 'application/yaml');
  return answerNewModule(call, 'importModule', readModuleFile(file, call.publicUrl()));
};
