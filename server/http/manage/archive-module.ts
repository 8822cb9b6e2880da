import type { archiveModule } from '@rollcall/contract/manage/modules.ts';
import { archiveModule as putAway } from '../../actions/archive-module.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { presentModule } from './present-module.ts';

/** POST /manage/v1/modules/{moduleId}/archive. */
export const handleArchiveModule: Handler<typeof archiveModule> = async (call) =>
  dataAnswer(presentModule(await putAway(call, call.account.organization, call.params.moduleId)));
