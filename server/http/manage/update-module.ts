import type { updateModule } from '@rollcall/contract/manage/modules.ts';
import { changeModule } from '../../actions/change-module.ts';
import { readModuleChange } from '../../domain/module-template.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { presentModule } from './present-module.ts';

/** PATCH /manage/v1/modules/{moduleId}. */
export const handleUpdateModule: Handler<typeof updateModule> = async (call) => {
  const changes = readModuleChange(call.body, call.publicUrl());
  return dataAnswer(presentModule(await changeModule(call, call.account.organization, call.params.moduleId, changes)));
};
