import type { updateOrganization } from '@rollcall/contract/manage/organization.ts';
import { changeOrganization } from '../../actions/change-organization.ts';
import { readOrganizationChange } from '../../domain/organization-change.ts';
import type { Handler } from '../context.ts';
import { dataAnswer } from './answers.ts';
import { presentOrganization } from './present-organization.ts';

/** PATCH /manage/v1/organization. */
export const handleUpdateOrganization: Handler<typeof updateOrganization> = async (call) => {
  const settings = readOrganizationChange(call.body);
  return dataAnswer(presentOrganization(await changeOrganization(call, call.account.organization, settings)));
};
