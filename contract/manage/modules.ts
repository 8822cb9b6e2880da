import { Type } from 'typebox';
import { limits } from '../limits.ts';
import { defineOperation } from '../operation.ts';
import { faults, refusal } from '../samples.ts';
import { described, Uuid } from '../shapes.ts';
import {
  archiveAnswers,
  markdownFiles,
  moduleAnswers,
  moduleChanges,
  moduleLists,
  moduleTemplates,
  yamlFiles,
} from './module-samples.ts';
import { ModuleAnswer, ModuleChange, ModuleList, ModuleTemplate } from './module-shapes.ts';
import { actErrors, changeErrors, createErrors, listQuery, listRules, readErrors } from './shapes.ts';

const params = Type.Object({
  moduleId: described(Uuid, 'The module.', { examples: ['269e82f6-a181-4db5-8346-d1e85c2a3165'] }),
});

/** GET /manage/v1/modules. */
export const listModules = defineOperation({
  id: 'listModules',
  method: 'GET',
  path: '/manage/v1/modules',
  scope: 'manage',
  tag: 'Modules',
  summary: 'List modules',
  description: `Gives the modules in order of creation, without their steps. ${listRules}`,
  query: Type.Object({
    archived: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Only archived modules (`true`) or only those that are not (`false`).',
        examples: [false],
      }),
    ),
    ...listQuery,
  }),
  responses: {
    200: {
      description: 'A stretch of the list.',
      content: { 'application/json': { schema: ModuleList, examples: moduleLists } },
    },
  },
  errors: readErrors.filter((code) => code !== 'not_found'),
});

/** POST /manage/v1/modules. */
export const createModule = defineOperation({
  id: 'createModule',
  method: 'POST',
  path: '/manage/v1/modules',
  scope: 'manage',
  tag: 'Modules',
  summary: 'Create a module',
  description:
    'Makes a module with its steps. Nobody sees it until a cluster offers it. Names need not be unique: modules are told apart by their ids.',
  body: ModuleTemplate,
  bodyDescription: 'What the module is to be.',
  bodyExamples: moduleTemplates,
  requestHeaders: ['Idempotency-Key'],
  responses: {
    201: {
      description: 'The module, made.',
      headers: ['Location', 'Idempotency-Replayed'],
      content: { 'application/json': { schema: ModuleAnswer, examples: moduleAnswers } },
    },
  },
  errors: createErrors,
  errorExamples: {
    invalid_request: {
      several: faults(
        'Two faults',
        { pointer: '/steps/1/minutes', message: 'must be at least 1' },
        { pointer: '/steps/2/promt', message: 'is an unknown field; check its spelling or leave it out' },
      ),
    },
  },
});

/** GET /manage/v1/modules/{moduleId}. */
export const getModule = defineOperation({
  id: 'getModule',
  method: 'GET',
  path: '/manage/v1/modules/{moduleId}',
  scope: 'manage',
  tag: 'Modules',
  summary: 'Get a module',
  description: 'Gives a module with its steps, archived or not.',
  params,
  responses: {
    200: {
      description: 'The module.',
      content: { 'application/json': { schema: ModuleAnswer, examples: moduleAnswers } },
    },
  },
  errors: readErrors,
});

/** PATCH /manage/v1/modules/{moduleId}. */
export const updateModule = defineOperation({
  id: 'updateModule',
  method: 'PATCH',
  path: '/manage/v1/modules/{moduleId}',
  scope: 'manage',
  tag: 'Modules',
  summary: 'Change a module',
  description: `Changes what the body names. All clusters of the module show it at once. Completions keep what the module was when they were recorded, and sessions that are scheduled keep their times.

An archived module is refused with \`conflict\`; so are other steps while a group is in the middle of the present ones, for the record of who saw which step would no longer fit.`,
  params,
  body: ModuleChange,
  bodyDescription: 'What is to change.',
  bodyExamples: moduleChanges,
  responses: {
    200: {
      description: 'The module as it is now.',
      content: { 'application/json': { schema: ModuleAnswer, examples: moduleAnswers } },
    },
  },
  errors: changeErrors,
});

/** POST /manage/v1/modules/{moduleId}/archive. */
export const archiveModule = defineOperation({
  id: 'archiveModule',
  method: 'POST',
  path: '/manage/v1/modules/{moduleId}/archive',
  scope: 'manage',
  tag: 'Modules',
  summary: 'Archive a module',
  description:
    'Takes a module out of use for good: no new cluster can offer it and it can no longer be changed, but it can still be read and exported. Refused with `conflict` while a cluster offers it: archive that first. A module that is archived already stays as it is.',
  params,
  responses: {
    200: {
      description: 'The module, archived.',
      content: { 'application/json': { schema: ModuleAnswer, examples: archiveAnswers } },
    },
  },
  errors: actErrors,
  errorExamples: {
    conflict: {
      offered: refusal(
        'The module is still on offer',
        'conflict',
        'The module is on offer in 2 clusters. Archive these first.',
        { clusterIds: ['034c75b6-226a-4f5e-842f-f02e06821724', '5b62a3de-0efd-4bad-bd10-eb7941ff8a2e'] },
      ),
    },
  },
});

const fileRules = `A file has the members of a module template, but for the picture, which is named \`thumbnail\`.

In **YAML** the steps are a list \`steps\`. In **Markdown** everything but the steps stands in front matter (YAML between two lines \`---\`), and each step is a section \`## Title (5 min)\` whose text is the prompt. A line of a prompt that would itself begin with \`## \` has a backslash before it.`;

/** GET /manage/v1/modules/{moduleId}/export. */
export const exportModule = defineOperation({
  id: 'exportModule',
  method: 'GET',
  path: '/manage/v1/modules/{moduleId}/export',
  scope: 'manage',
  tag: 'Modules',
  summary: 'Export a module as a file',
  description: `Gives a module with its steps as one file: YAML (the default), or Markdown with \`Accept: text/markdown\`. Importing the file makes a module with the same content.

${fileRules}`,
  params,
  responses: {
    200: {
      description: 'The file.',
      headers: ['Content-Disposition'],
      content: {
        'application/yaml': {
          schema: Type.String({ description: 'The module in YAML 1.2, in UTF-8.' }),
          examples: yamlFiles,
        },
        'text/markdown': {
          schema: Type.String({ description: 'The module in Markdown with front matter, in UTF-8.' }),
          examples: markdownFiles,
        },
      },
    },
  },
  errors: readErrors,
});

/** POST /manage/v1/modules/import. */
export const importModule = defineOperation({
  id: 'importModule',
  method: 'POST',
  path: '/manage/v1/modules/import',
  scope: 'manage',
  tag: 'Modules',
  summary: 'Import a module from a file',
  description: `Makes a module from a file in the form that the export gives, YAML or Markdown, as \`Content-Type\` says.

${fileRules} A \`thumbnail\` that is a mere file name, such as \`giving-feedback.svg\`, is one of the pictures that this server has below \`/thumbnails/\`.

Faults are told by their place in the module: \`/steps/0/minutes\` are the minutes of the first step, in either form.`,
  textBody: {
    'application/yaml': { schema: Type.String({ description: 'A module in YAML 1.2.' }), examples: yamlFiles },
    'text/markdown': {
      schema: Type.String({ description: 'A module in Markdown with front matter.' }),
      examples: markdownFiles,
    },
  },
  bodyBytesMax: limits.moduleFileBytesMax,
  bodyDescription: `The file, at most ${limits.moduleFileBytesMax / 1_024} KiB.`,
  requestHeaders: ['Idempotency-Key'],
  responses: {
    201: {
      description: 'The module, made.',
      headers: ['Location', 'Idempotency-Replayed'],
      content: { 'application/json': { schema: ModuleAnswer, examples: moduleAnswers } },
    },
  },
  errors: createErrors,
  errorExamples: {
    invalid_request: {
      heading: faults('A step without minutes', {
        pointer: '/steps/0/minutes',
        message: 'is missing: write the heading on line 7 as "## Title (5 min)"',
      }),
    },
  },
});
