import type { getModule } from '@rollcall/contract/manage/modules.ts';
import { Refusal } from '../../domain/refusal.ts';
import { getModule as readModule, type StoredModule } from '../../store/modules.ts';
import type { Call, Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { presentModule } from './present-module.ts';

/** GET /manage/v1/modules/{moduleId}. */
export const handleGetModule: Handler<typeof getModule> = async (call) =>
  dataAnswer(presentModule(await findModule(call)));

/** The module that the path names; refuses with `not_found`. */
export async function findModule({
  account,
  database,
  params,
}: Pick<Call<typeof getModule>, 'account' | 'database' | 'params'>): Promise<StoredModule> {
  const module = await readModule(account.organization, database.reader, params.moduleId);
  if (!module) throw new Refusal('not_found', `There is no module "${params.moduleId}".`);
  return module;
}
