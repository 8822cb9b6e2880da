import { limits } from '@rollcall/contract/limits.ts';
import type { ModuleChange, ModuleFile, ModuleTemplate } from '@rollcall/contract/manage/module-shapes.ts';
import { type Issue, invalid } from './refusal.ts';
import { cleanLine, cleanParagraphs, isLongerThan, type TextResult } from './text.ts';
import { readFilePicture, readPictureAddress } from './web-address.ts';

/** What makes up a module, texts and addresses as they are kept. */
export interface ModuleContent {
  readonly name: string;
  readonly category: string;
  readonly description: string;
  readonly thumbnailUrl: string | null;
  /** Minutes. */
  readonly durationMinutes: number;
  readonly steps: readonly StepContent[];
}

interface StepContent {
  readonly title: string;
  readonly minutes: number;
  /** Markdown. */
  readonly prompt: string;
}

type ModuleChanges = { -readonly [Member in keyof ModuleContent]?: ModuleContent[Member] };

const BLANK = { category: '', description: '', thumbnailUrl: null, steps: [] } as const;

/**
 * A module to be made, from a template that fits its schema. Pictures named by a path are those of the server at
 * `publicUrl`. Throws `invalid_request` with every fault at its place.
 */
export function readModule(template: ModuleTemplate, publicUrl: string): ModuleContent {
  const { name, duration, ...others } = template;
  return readWhole({ ...others, name, duration }, (text) => readPictureAddress(text, publicUrl), 'thumbnailUrl');
}

/** A module to be made, from a file that fits its schema; else as `readModule`. */
export function readModuleFile({ thumbnail, ...others }: ModuleFile, publicUrl: string): ModuleContent {
  const template = { ...others, ...(thumbnail !== undefined && { thumbnailUrl: thumbnail }) };
  return readWhole(template, (text) => readFilePicture(text, publicUrl), 'thumbnail');
}

/** What is to change of a module; absent members stay absent. Else as `readModule`. */
export function readModuleChange(change: ModuleChange, publicUrl: string): Partial<ModuleContent> {
  const issues: Issue[] = [];
  const changes = readMembers(change, (text) => readPictureAddress(text, publicUrl), 'thumbnailUrl', issues);
  if (issues.length > 0) throw invalid(issues);
  return changes;
}

function readWhole(template: ModuleTemplate, readPicture: Rule, pictureMember: string): ModuleContent {
  const issues: Issue[] = [];
  const members = readMembers(template, readPicture, pictureMember, issues);
  if (issues.length > 0) throw invalid(issues);
  return { ...BLANK, name: '', durationMinutes: template.duration, ...members };
}

type Rule = (text: string) => TextResult;

const label: Rule = (text) => {
  const cleaned = cleanLine(text, limits.nameCharactersMax);
  return cleaned.ok && cleaned.text === '' ? { ok: false, reason: 'is empty; write a name' } : cleaned;
};

function readMembers(change: ModuleChange, readPicture: Rule, pictureMember: string, issues: Issue[]): ModuleChanges {
  const { name, category, description, thumbnailUrl, duration, steps } = change;
  const read = (pointer: string, text: string, rule: Rule) => kept(pointer, rule(text), issues);
  const changes: ModuleChanges = {};
  if (name !== undefined) changes.name = read('/name', name, label);
  if (category !== undefined) {
    changes.category = read('/category', category, (text) => cleanLine(text, limits.categoryCharactersMax));
  }
  if (description !== undefined) {
    changes.description = read('/description', description, (text) =>
      cleanParagraphs(text, limits.descriptionCharactersMax),
    );
  }
  if (thumbnailUrl !== undefined) {
    changes.thumbnailUrl = thumbnailUrl === null ? null : read(`/${pictureMember}`, thumbnailUrl, readPicture);
  }
  if (duration !== undefined) changes.durationMinutes = duration;
  if (steps !== undefined) changes.steps = readSteps(steps, issues);
  return changes;
}

function readSteps(steps: NonNullable<ModuleChange['steps']>, issues: Issue[]): StepContent[] {
  const read = (pointer: string, text: string, rule: Rule) => kept(pointer, rule(text), issues);
  const content = steps.map(({ title, minutes, prompt = '' }, index) => ({
    title: read(`/steps/${index}/title`, title, label),
    minutes,
    prompt: read(`/steps/${index}/prompt`, prompt, (text) => cleanParagraphs(text, limits.promptCharactersMax)),
  }));
  if (isLongerThan(content.map(({ prompt }) => prompt).join(''), limits.promptsCharactersMax)) {
    const message = `have more than ${limits.promptsCharactersMax} characters of prompts in all; shorten them`;
    issues.push({ pointer: '/steps', message });
  }
  return content;
}

/** The text that a rule keeps; a refused one adds its issue. */
function kept(pointer: string, result: TextResult, issues: Issue[]): string {
  if (result.ok) return result.text;
  issues.push({ pointer, message: result.reason });
  return '';
}
