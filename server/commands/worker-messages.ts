import type { Announcement } from '../store/broadcast.ts';

/** A process' metrics as prom-client passes them between processes. */
export type MetricsOfOne = object[];

/** What a worker says to the primary. */
export type FromWorker =
  | { readonly kind: 'ready'; readonly address: string }
  /** It cannot start; the text is for the operator. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'announcements'; readonly announcements: readonly Announcement[] }
  | { readonly kind: 'wake-mailer' }
  | { readonly kind: 'gather-metrics'; readonly id: number }
  | { readonly kind: 'metrics'; readonly id: number; readonly metrics: MetricsOfOne };

/** What the primary says to a worker. */
export type ToWorker =
  | { readonly kind: 'stop' }
  | { readonly kind: 'announcements'; readonly announcements: readonly Announcement[] }
  | { readonly kind: 'wake-mailer' }
  | { readonly kind: 'read-metrics'; readonly id: number }
  | { readonly kind: 'gathered-metrics'; readonly id: number; readonly text: string };
