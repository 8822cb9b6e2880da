import type { createModule } from '@rollcall/contract/manage/modules.ts';
import { requireModule } from '../../actions/change-module.ts';
import { createModule as makeModule } from '../../actions/create-module.ts';
import { type ModuleContent, readModule } from '../../domain/module-template.ts';
import type { Answer, Call, Handler } from '../context.ts';
import { madeAnswer } from './answers.ts';
import { presentModule } from './present-module.ts';

/** POST /manage/v1/modules. */
export const handleCreateModule: Handler<typeof createModule> = (call) =>
  answerNewModule(call, 'createModule', readModule(call.body, call.publicUrl()));

/** Makes a module and answers it. */
export function answerNewModule(call: Call, operation: string, content: ModuleContent): Promise<Answer> {
  const { organization } = call.account;
  return madeAnswer(call, operation, async (inside) => {
    const { id } = await makeModule(inside, organization, content);
    const module = await inside.database.transaction(organization, (transaction) =>
      requireModule(organization, transaction, id),
    );
    return { path: `/manage/v1/modules/${id}`, data: presentModule(module) };
  });
}
