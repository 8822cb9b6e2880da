import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { DateTime, described, envelope, nullable, Uuid } from '../shapes.ts';
import { listOf, longTextRules, textRules } from './shapes.ts';

const nameRules = `1 to ${limits.nameCharactersMax} characters. ${textRules}`;
const name = (options: object = {}) =>
  Type.String({
    minLength: 1,
    maxLength: limits.nameCharactersMax,
    description: `Name of the module. ${nameRules}`,
    ...options,
  });
const minutes = (description: string) =>
  Type.Integer({ minimum: 1, maximum: limits.minutesMax, description, examples: [5] });

/** One step of a module (domain: module). */
export const Step = Type.Object(
  {
    title: Type.String({ description: 'What the step is called.', examples: ['The last useful sentence'] }),
    minutes: minutes('How long the group should take for it.'),
    prompt: Type.String({ description: 'What the group is to do, in Markdown; may be empty.' }),
  },
  { $id: 'Step', description: 'One step of a module, which the group does together.' },
);
export type Step = Static<typeof Step>;

const summaryMembers = {
  id: described(Uuid, 'The module.', { examples: ['269e82f6-a181-4db5-8346-d1e85c2a3165'] }),
  name: Type.String({ description: 'Name of the module.', examples: ['Giving feedback that lands'] }),
  category: Type.String({ description: 'Category of the module; may be empty.', examples: ['Communication'] }),
  description: Type.String({ description: 'What the module is about, in plain text; may be empty.' }),
  thumbnailUrl: described(
    nullable(Type.String({ format: 'uri' })),
    'Absolute URL of an image for the module, null where there is none.',
    { examples: ['https://rollcall.example.com/thumbnails/giving-feedback.svg'] },
  ),
  duration: minutes('How long a session of the module lasts, in minutes.'),
  totalSteps: Type.Integer({ minimum: 0, description: 'Number of steps.', examples: [10] }),
  createdAt: described(DateTime, 'When the module was made.'),
  updatedAt: described(DateTime, 'When the module was last changed.'),
  archivedAt: described(nullable(DateTime), 'When the module was archived, null while it is not.'),
};

/** A module without its steps, as lists show it. */
export const ModuleSummary = Type.Object(summaryMembers, {
  $id: 'ModuleSummary',
  description: 'A module without its steps.',
});
export type ModuleSummary = Static<typeof ModuleSummary>;

/** A module with its steps (domain: module). */
export const Module = Type.Object(
  { ...summaryMembers, steps: Type.Array(Step, { description: 'The steps in their order.' }) },
  { $id: 'Module', description: 'A lesson taken by a small group, with its steps.' },
);
export type Module = Static<typeof Module>;

const StepTemplate = Type.Object(
  {
    title: name({ description: `What the step is called. ${nameRules}` }),
    minutes: minutes('How long the group should take for it.'),
    prompt: Type.Optional(
      Type.String({
        maxLength: limits.promptCharactersMax,
        default: '',
        description: `What the group is to do, in Markdown. At most ${limits.promptCharactersMax} characters. ${longTextRules}`,
      }),
    ),
  },
  { $id: 'StepTemplate', additionalProperties: false, description: 'A step to be.' },
);

const thumbnailRules = `At most ${limits.urlCharactersMax} characters. An \`https\` or \`http\` URL, or a path on this server that begins with \`/\`, which is kept as the URL that it is now. Null: none, and pages show a picture of their own making.`;

const members = {
  category: Type.String({
    maxLength: limits.categoryCharactersMax,
    description: `Category of the module. At most ${limits.categoryCharactersMax} characters. ${textRules}`,
  }),
  description: Type.String({
    maxLength: limits.descriptionCharactersMax,
    description: `What the module is about, in plain text. At most ${limits.descriptionCharactersMax} characters. ${longTextRules}`,
  }),
  thumbnailUrl: described(nullable(Type.String()), `Image for the module. ${thumbnailRules}`),
  duration: minutes('How long a session of the module lasts, in minutes, unless it is given another length.'),
  steps: Type.Array(StepTemplate, {
    maxItems: limits.stepsMax,
    description: `The steps in their order, at most ${limits.stepsMax}, with at most ${limits.promptsCharactersMax} characters of prompts in all.`,
  }),
};

/** What a module is to be. Lengths and types are judged here, characters and addresses by domain/module-template.ts. */
export const ModuleTemplate = Type.Object(
  {
    name: name(),
    category: Type.Optional(members.category),
    description: Type.Optional(members.description),
    thumbnailUrl: Type.Optional(members.thumbnailUrl),
    duration: members.duration,
    steps: Type.Optional(members.steps),
  },
  {
    $id: 'ModuleTemplate',
    additionalProperties: false,
    description: 'What a module is to be. Absent members are empty.',
  },
);
export type ModuleTemplate = Static<typeof ModuleTemplate>;

/** What is to change of a module. */
export const ModuleChange = Type.Object(
  {
    name: Type.Optional(name()),
    category: Type.Optional(members.category),
    description: Type.Optional(members.description),
    thumbnailUrl: Type.Optional(members.thumbnailUrl),
    duration: Type.Optional(members.duration),
    steps: Type.Optional(members.steps),
  },
  {
    $id: 'ModuleChange',
    additionalProperties: false,
    description: 'What is to change: members that are absent stay as they are; `steps` replaces all of them.',
  },
);
export type ModuleChange = Static<typeof ModuleChange>;

/**
 * A module as a file: what its YAML form holds, and what is read out of its Markdown form. The same as a template, but
 * for the picture, which may also be the name of a file that this server has.
 */
export const ModuleFile = Type.Object(
  {
    name: name(),
    category: Type.Optional(members.category),
    duration: members.duration,
    thumbnail: Type.Optional(Type.String()),
    description: Type.Optional(members.description),
    steps: Type.Optional(members.steps),
  },
  { additionalProperties: false },
);
export type ModuleFile = Static<typeof ModuleFile>;

export const ModuleAnswer = envelope(Module, { $id: 'ModuleAnswer', description: 'The module, in the envelope.' });

export const ModuleList = listOf(ModuleSummary, 'ModuleList', 'The modules, in order of creation.');
export type ModuleList = Static<typeof ModuleList>;
