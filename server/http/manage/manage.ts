import * as clusters from '@rollcall/contract/manage/clusters.ts';
import * as completions from '@rollcall/contract/manage/completions.ts';
import * as modules from '@rollcall/contract/manage/modules.ts';
import * as organization from '@rollcall/contract/manage/organization.ts';
import * as registrations from '@rollcall/contract/manage/registrations.ts';
import * as sessions from '@rollcall/contract/manage/sessions.ts';
import * as testClock from '@rollcall/contract/manage/test-clock.ts';
import * as users from '@rollcall/contract/manage/users.ts';
import type { FastifyInstance } from 'fastify';
import type { DoorContext } from '../context.ts';
import { type Admission, addOperation } from '../pipeline.ts';
import { handleArchiveCluster } from './archive-cluster.ts';
import { handleArchiveModule } from './archive-module.ts';
import { handleCancelRegistration } from './cancel-registration.ts';
import { handleCancelSession } from './cancel-session.ts';
import { handleCreateCluster } from './create-cluster.ts';
import { handleCreateModule } from './create-module.ts';
import { handleCreateRegistration } from './create-registration.ts';
import { handleExplainCompletion } from './explain-completion.ts';
import { handleExportModule } from './export-module.ts';
import { handleGetCluster } from './get-cluster.ts';
import { handleGetModule } from './get-module.ts';
import { handleGetOrganization } from './get-organization.ts';
import { handleGetRegistration } from './get-registration.ts';
import { handleGetSession } from './get-session.ts';
import { handleGetTestClock } from './get-test-clock.ts';
import { handleImportModule } from './import-module.ts';
import { handleListClusters } from './list-clusters.ts';
import { handleListModules } from './list-modules.ts';
import { handleListRegistrations } from './list-registrations.ts';
import { handleListSessions } from './list-sessions.ts';
import { handleScheduleSessions } from './schedule-sessions.ts';
import { handleSetTestClock } from './set-test-clock.ts';
import { handleUpdateCluster } from './update-cluster.ts';
import { handleUpdateModule } from './update-module.ts';
import { handleUpdateOrganization } from './update-organization.ts';
import { handleUpdateSession } from './update-session.ts';
import { handleGetUser, handleUpdateUser } from './users.ts';

/** The management API. */
export function addManageApi(app: FastifyInstance, context: DoorContext & { readonly admit: Admission }): void {
  addOperation(app, context, organization.getOrganization, handleGetOrganization);
  addOperation(app, context, organization.updateOrganization, handleUpdateOrganization);

  addOperation(app, context, users.getUser, handleGetUser);
  addOperation(app, context, users.updateUser, handleUpdateUser);

  addOperation(app, context, modules.listModules, handleListModules);
  addOperation(app, context, modules.createModule, handleCreateModule);
  addOperation(app, context, modules.getModule, handleGetModule);
  addOperation(app, context, modules.updateModule, handleUpdateModule);
  addOperation(app, context, modules.archiveModule, handleArchiveModule);
  addOperation(app, context, modules.exportModule, handleExportModule);
  addOperation(app, context, modules.importModule, handleImportModule);

  addOperation(app, context, clusters.listClusters, handleListClusters);
  addOperation(app, context, clusters.createCluster, handleCreateCluster);
  addOperation(app, context, clusters.getCluster, handleGetCluster);
  addOperation(app, context, clusters.updateCluster, handleUpdateCluster);
  addOperation(app, context, clusters.archiveCluster, handleArchiveCluster);

  addOperation(app, context, sessions.listSessions, handleListSessions);
  addOperation(app, context, sessions.scheduleSessions, handleScheduleSessions);
  addOperation(app, context, sessions.getSession, handleGetSession);
  addOperation(app, context, sessions.updateSession, handleUpdateSession);
  addOperation(app, context, sessions.cancelSession, handleCancelSession);

  addOperation(app, context, registrations.listRegistrations, handleListRegistrations);
  addOperation(app, context, registrations.createRegistration, handleCreateRegistration);
  addOperation(app, context, registrations.getRegistration, handleGetRegistration);
  addOperation(app, context, registrations.cancelRegistration, handleCancelRegistration);

  addOperation(app, context, completions.explainCompletion, handleExplainCompletion);

  addOperation(app, context, testClock.getTestClock, handleGetTestClock);
  addOperation(app, context, testClock.setTestClock, handleSetTestClock);
}
