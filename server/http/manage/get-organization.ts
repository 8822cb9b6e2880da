import type { getOrganization } from '@rollcall/contract/manage/organization.ts';
import { getOrganization as readOrganization } from '../../store/organizations.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { presentOrganization } from './present-organization.ts';

/** GET /manage/v1/organization. */
export const handleGetOrganization: Handler<typeof getOrganization> = async ({ account, database }) =>
  dataAnswer(presentOrganization(await readOrganization(account.organization, database.reader)));
