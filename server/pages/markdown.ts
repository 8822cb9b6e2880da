import markdownIt from 'markdown-it';
import { Html } from './html.ts';

/** Below the page's own heading and that of the step. */
const HEADING_OFFSET = 2;
const CACHE_MAX = 500;

const renderer = makeRenderer();
const cache = new Map<string, Html>();

/**
 * Renders Markdown that somebody wrote into HTML that can do no harm: raw HTML stays text, links lead to web and mail
 * addresses only and to a page of their own, pictures become their descriptions (a picture from elsewhere would tell
 * its host who is here), and headings stay below those of the page. A single line break is a space.
 */
export function renderMarkdown(text: string): Html {
  const known = cache.get(text);
  if (known) return known;
  const rendered = Html.trusted(renderer.render(text));
  if (cache.size >= CACHE_MAX) cache.clear();
  cache.set(text, rendered);
  return rendered;
}

function makeRenderer() {
  const markdown = markdownIt({ html: false, linkify: false, breaks: false, typographer: false });
  markdown.disable(['autolink']);
  markdown.validateLink = (address) => /^(https?|mailto):/i.test(address.trim());
  const { rules, renderToken } = markdown.renderer;
  rules.link_open = (tokens, index, options) => {
    tokens[index]?.attrSet('rel', 'noopener noreferrer');
    tokens[index]?.attrSet('target', '_blank');
    return renderToken.call(markdown.renderer, tokens, index, options);
  };
  // A table that is wider than a phone scrolls by itself, also by keyboard.
  rules.table_open = () => '<div class="scroll" tabindex="0" role="region" aria-label="Table">\n<table>\n';
  rules.table_close = () => '</table>\n</div>\n';
  rules.image = (tokens, index) => markdown.utils.escapeHtml(tokens[index]?.content ?? '');
  markdown.core.ruler.push('headings_below_the_page', ({ tokens }) => {
    for (const token of tokens) {
      if (token.type !== 'heading_open' && token.type !== 'heading_close') continue;
      token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + HEADING_OFFSET)}`;
    }
  });
  return markdown;
}
