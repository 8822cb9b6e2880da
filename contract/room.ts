import { type Static, Type } from 'typebox';

/**
 * The session room's own protocol, below a join link: what its page sends and is told. It is no part of the Account API:
 * page and server always come from the same release. Times are epoch milliseconds of the server's clock.
 */

const closed = { additionalProperties: false } as const;

/** `POST /join/TOKEN/signal`. Says nothing of time: the server's clock decides (domain: Rules). */
export const RoomSignal = Type.Object(
  {
    tab: Type.String({
      pattern: '^[A-Za-z0-9_-]{1,40}$',
      description: 'The page’s own random token, a new one each time that it is loaded.',
    }),
    kind: Type.Unsafe<'here' | 'leaving'>({
      type: 'string',
      enum: ['here', 'leaving'],
      description: '`here` every 15 seconds while the page is visible; `leaving` when it is hidden or closed.',
    }),
  },
  closed,
);
export type RoomSignal = Static<typeof RoomSignal>;

/** `POST /join/TOKEN/move`: shows the group another step. */
export const RoomMove = Type.Object(
  {
    from: Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      minimum: 0,
      description: 'The step that the page shows, null for none: the move holds only while the group is on it.',
    }),
    step: Type.Integer({ minimum: 0, description: 'Position of the step in the module, from 0.' }),
  },
  closed,
);
export type RoomMove = Static<typeof RoomMove>;

/** `POST /join/TOKEN/end` takes an empty object. */
export const RoomEnd = Type.Object({}, closed);

export const feedbackCommentCharactersMax = 2_000;

/** `POST /join/TOKEN/feedback`, once the session is over. */
export const RoomFeedback = Type.Object(
  {
    rating: Type.Integer({ minimum: 1, maximum: 5, description: '1: of no use, 5: of great use.' }),
    comment: Type.Optional(Type.String({ maxLength: feedbackCommentCharactersMax })),
  },
  closed,
);
export type RoomFeedback = Static<typeof RoomFeedback>;

/** Somebody of the group, as the others see them. */
export interface RoomPerson {
  /** Means something in this room only. */
  readonly id: string;
  /** First name, and the initial of the last. */
  readonly name: string;
  readonly initials: string;
  readonly isHere: boolean;
}

/** The group, in the order of sign-up: the event `people`. */
export interface RoomPeople {
  readonly people: readonly RoomPerson[];
}

export interface RoomStep {
  readonly title: string;
  /** The prompt, rendered and safe. */
  readonly html: string;
  readonly minutes: number;
  /** Since when the group has been on it. */
  readonly shownAt: number;
}

/** An open room as a whole: the event `state`, and the answer to `GET /join/TOKEN/state`. */
export interface RoomState extends RoomPeople {
  readonly serverTime: number;
  readonly phase: 'lobby' | 'running';
  readonly startsAt: number;
  readonly endsAt: number;
  /** When the room closes, at the latest. */
  readonly closesAt: number;
  readonly meetingLink: string | null;
  readonly agenda: readonly { readonly title: string; readonly minutes: number }[];
  /** Position of the step that the group is on; null before the first. */
  readonly currentStep: number | null;
  /** Null before the first, and where the module has lost the step meanwhile. */
  readonly step: RoomStep | null;
  /** The person whose move led to this state, where it was one. */
  readonly movedBy?: string;
}

/** The event `gone`: the room is left, and its page asks for itself again to learn why. */
export interface RoomGone {
  readonly reason: 'closed' | 'out' | 'too_many_pages';
}

/** The event `beat`, every 15 seconds: the connection lives. */
export interface RoomBeat {
  readonly serverTime: number;
}
