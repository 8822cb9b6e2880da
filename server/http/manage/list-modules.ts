import type { listModules } from '@rollcall/contract/manage/modules.ts';
import { listModules as readModules } from '../../store/modules.ts';
import type { Handler } from '../context.ts';
import { listAnswer } from './answers.ts';
import { presentModuleSummary } from './present-module.ts';

/** GET /manage/v1/modules. */
export const handleListModules: Handler<typeof listModules> = (call) =>
  listAnswer(call, {
    name: 'modules',
    read: (stretch) =>
      readModules(call.account.organization, call.database.reader, { archived: call.query.archived ?? false }, stretch),
    positionOf: ({ createdAt, id }) => ({ at: createdAt, id }),
    present: presentModuleSummary,
  });
