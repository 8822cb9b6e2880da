/** What a host page does with the messages of the form that it frames: see docs/embed.md. */
const frame = document.querySelector<HTMLIFrameElement>('#rollcall');
const log = document.querySelector('[data-log]');
const thanks = document.querySelector('[data-thanks]');
const LINES_MAX = 6;

window.addEventListener('message', (event: MessageEvent) => {
  if (!frame || event.source !== frame.contentWindow || event.origin !== new URL(frame.src).origin) return;
  const { data } = event;
  if (data?.type === 'rollcall:height') frame.style.height = `${Number(data.height)}px`;
  if (data?.type === 'rollcall:registered') welcome();
  note(JSON.stringify(data));
});

function welcome(): void {
  if (thanks) thanks.textContent = 'You are on the list. See you there!';
  frame?.scrollIntoView({ block: 'nearest' });
}

function note(text: string): void {
  if (!log) return;
  log.querySelector('.muted')?.remove();
  const line = document.createElement('li');
  line.textContent = text;
  log.prepend(line);
  while (log.children.length > LINES_MAX) log.lastElementChild?.remove();
}
