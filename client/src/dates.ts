type Moment = 'from' | 'to' | 'updatedSince';

/** A query whose moments may also be given as a Date. */
export type WithDates<Query> = {
  [Name in keyof Query]: Name extends Moment ? Query[Name] | Date : Query[Name];
};
