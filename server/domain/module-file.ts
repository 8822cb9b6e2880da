import type { ModuleFile } from '@rollcall/contract/manage/module-shapes.ts';
import type { ModuleContent } from './module-template.ts';
import { type Issue, invalid } from './refusal.ts';

/** A step as its section says. */
interface Section {
  readonly title: string;
  readonly minutes: number;
  readonly prompt: string;
}

/** A module's Markdown form, taken apart: the front matter is still YAML. */
export interface ModuleMarkdown {
  readonly frontMatter: string;
  readonly steps: readonly Section[];
}

/** A module as a file has it; what is empty is left out. Importing it makes the same module again. */
export function moduleFile({
  name,
  category,
  description,
  thumbnailUrl,
  durationMinutes,
  steps,
}: ModuleContent): ModuleFile {
  return {
    name,
    ...(category !== '' && { category }),
    duration: durationMinutes,
    ...(thumbnailUrl !== null && { thumbnail: thumbnailUrl }),
    ...(description !== '' && { description }),
    ...(steps.length > 0 && { steps: steps.map(({ title, minutes, prompt }) => ({ title, minutes, prompt })) }),
  };
}

const FENCE = '---';
const HEADING = /^## +(.*?)\s*$/;
const TITLE_AND_MINUTES = /^(.*\S)\s+\((\d{1,4}) min\)$/;
/** A line of a prompt that would be taken for a heading, or for one that was made harmless. */
const LIKE_HEADING = /^\\*## /;

/** Writes the Markdown form: front matter, then a section for each step. */
export function writeModuleMarkdown({ frontMatter, steps }: ModuleMarkdown): string {
  const sections = steps.map(({ title, minutes, prompt }) => {
    const heading = `\n## ${title} (${minutes} min)\n`;
    return prompt === '' ? heading : `${heading}\n${escapeHeadings(prompt)}\n`;
  });
  return `${FENCE}\n${frontMatter.trimEnd()}\n${FENCE}\n${sections.join('')}`;
}

function escapeHeadings(prompt: string): string {
  return prompt
    .split('\n')
    .map((line) => (LIKE_HEADING.test(line) ? `\\${line}` : line))
    .join('\n');
}

/**
 * Takes the Markdown form apart. Throws `invalid_request` where it has no front matter, text outside of the steps, or a
 * step without minutes; the messages name lines, counted from 1.
 */
export function readModuleMarkdown(text: string): ModuleMarkdown {
  const lines = text.replaceAll(/\r\n?/g, '\n').split('\n');
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === FENCE);
  if (lines[0]?.trimEnd() !== FENCE || end < 0) {
    const message = `has no front matter; begin with a line "${FENCE}", then name and duration, then "${FENCE}" again`;
    throw invalid([{ pointer: '', message }]);
  }
  return { frontMatter: lines.slice(1, end).join('\n'), steps: readSections(lines, end + 1) };
}

function readSections(lines: readonly string[], from: number): Section[] {
  const issues: Issue[] = [];
  const headings = lines.flatMap((line, index) => (index >= from && HEADING.test(line) ? [index] : []));
  const stray = lines.findIndex((line, index) => index >= from && line.trim() !== '');
  if (stray >= 0 && stray !== headings[0]) {
    const message = `begin with a heading such as "## Welcome (5 min)"; line ${stray + 1} stands before the first`;
    issues.push({ pointer: '/steps', message });
  }
  const sections = headings.map((at, index): Section => {
    const heading = HEADING.exec(lines[at] ?? '')?.[1] ?? '';
    const match = TITLE_AND_MINUTES.exec(heading);
    if (!match) {
      const message = `is missing: write the heading on line ${at + 1} as "## Title (5 min)"`;
      issues.push({ pointer: `/steps/${index}/minutes`, message });
    }
    const [, title = heading, minutes = '0'] = match ?? [];
    return { title, minutes: Number(minutes), prompt: readPrompt(lines.slice(at + 1, headings[index + 1])) };
  });
  if (issues.length > 0) throw invalid(issues);
  return sections;
}

function readPrompt(lines: readonly string[]): string {
  return lines
    .map((line) => (line.startsWith('\\') && LIKE_HEADING.test(line) ? line.slice(1) : line))
    .join('\n')
    .trim();
}
