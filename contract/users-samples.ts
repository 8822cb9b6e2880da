import type { Examples } from './operation.ts';

// Samples name no types of users.ts, which would be a cycle; a test checks each against its schema.

const amelie = {
  id: '3a6ebee080551a4e8f9a62bdc3bb3f94a0c9405f395a9dbaa8edea848c36b109',
  firstName: 'Amélie',
  lastName: 'Laurent',
  email: 'amelie.laurent@example.com',
  active: true,
  remoteId: 'E9001',
};

const kwame = {
  id: 'd54d786ca73cfb0f7aa653b59830a3f93897ccf3c3b959cf055ef38abf69fd30',
  firstName: 'Kwame',
  lastName: 'Boateng',
  email: null,
  active: true,
  remoteId: 'E9002',
};

const yuki = {
  id: '2ebe3bd633513929f9e7b7f1e61c0f176f51510a0136afbfe979a52e99f64330',
  firstName: 'Yuki',
  lastName: 'Tanaka',
  email: 'yuki.tanaka@example.com',
  active: false,
  remoteId: 'E9003',
};

const lucia = {
  id: '2217d1fe56d47db1dcfdeca3ca25ebd9c6de7a1be4be7ac50ae395aa7d9cec8b',
  firstName: 'Lucía',
  lastName: 'Ortega',
  email: 'lucia.ortega@example.com',
  active: true,
  remoteId: null,
};

const marek = {
  id: 'ab1ac235f24b3189b9a9cb21de89007917600b2a41d13fd2cdb1823e4c7c9cb8',
  firstName: 'Marek',
  lastName: 'Wójcik',
  email: 'marek.wojcik@example.com',
  active: true,
  remoteId: 'E9005',
};

/** Pages of one organization with five users. */
export const pages: Examples = {
  whole: {
    summary: 'Everyone on one page',
    value: {
      success: true,
      data: {
        items: [amelie, kwame, yuki, lucia, marek],
        page: 0,
        size: 200,
        next: null,
        prev: null,
        totalPages: 1,
        total: 5,
      },
      error: null,
    },
  },
  middle: {
    summary: 'A page in the middle: page=1, pageSize=2',
    value: {
      success: true,
      data: { items: [yuki, lucia], page: 1, size: 2, next: 2, prev: 0, totalPages: 3, total: 5 },
      error: null,
    },
  },
  filtered: {
    summary: 'One user, found by remoteId',
    value: {
      success: true,
      data: { items: [kwame], page: 0, size: 200, next: null, prev: null, totalPages: 1, total: 1 },
      error: null,
    },
  },
  pastEnd: {
    summary: 'A page past the end: page=9, pageSize=2',
    value: {
      success: true,
      data: { items: [], page: 9, size: 2, next: null, prev: 2, totalPages: 3, total: 5 },
      error: null,
    },
  },
};

export const upsertBodies: Examples = {
  byRemoteId: {
    summary: 'Users known by your own id',
    value: {
      users: [
        { firstName: 'Amélie', lastName: 'Laurent', active: true, remoteId: 'E9001' },
        { firstName: 'Kwame', lastName: 'Boateng', active: true, remoteId: 'E9002' },
      ],
    },
  },
  withEmail: {
    summary: 'With email, as trusted domains and sign-up need it',
    value: {
      users: [
        {
          firstName: 'Amélie',
          lastName: 'Laurent',
          email: 'amelie.laurent@example.com',
          active: true,
          remoteId: 'E9001',
        },
      ],
    },
  },
  partial: {
    summary: 'Change one member, clear another',
    value: {
      users: [
        { remoteId: 'E9001', lastName: 'Laurent-Petit' },
        { remoteId: 'E9002', email: null },
        { email: 'yuki.tanaka@example.com', active: false },
      ],
    },
  },
};

export const upsertResults: Examples = {
  allWritten: {
    summary: 'Everyone was written',
    value: { success: true, data: { success: [amelie, kwame], failed: [] }, error: null },
  },
  partlyFailed: {
    summary: 'One item was refused, the other was written',
    value: {
      success: true,
      data: {
        success: [amelie],
        failed: [
          {
            user: { firstName: 'Ingrid', lastName: 'Solberg', email: 'ingrid@example.net', remoteId: 'E9006' },
            error:
              'email "ingrid@example.net" is outside the organization\'s trusted domains (example.com); use an address in one of them, or have its domain added.',
          },
        ],
      },
      error: null,
    },
  },
  conflict: {
    summary: 'A conflict: the email belongs to another user',
    value: {
      success: true,
      data: {
        success: [],
        failed: [
          {
            user: {
              remoteId: 'E9002',
              email: 'amelie.laurent@example.com',
              id: 'd54d786ca73cfb0f7aa653b59830a3f93897ccf3c3b959cf055ef38abf69fd30',
            },
            error:
              'email "amelie.laurent@example.com" belongs to the user with remoteId "E9001", not to remoteId "E9002"; correct one of the two, or first give the other user another email.',
          },
        ],
      },
      error: null,
    },
  },
};

export const deactivateBodies: Examples = {
  byRemoteId: { summary: 'By your own id', value: { users: [{ remoteId: 'E9001' }, { remoteId: 'E9002' }] } },
  mixed: {
    summary: 'By whatever you have',
    value: {
      users: [
        { id: 'd54d786ca73cfb0f7aa653b59830a3f93897ccf3c3b959cf055ef38abf69fd30' },
        { email: 'yuki.tanaka@example.com' },
        { remoteId: 'E9099' },
      ],
    },
  },
};

export const deactivateResults: Examples = {
  allDone: {
    summary: 'Everyone is inactive now',
    value: {
      success: true,
      data: {
        success: [
          { ...amelie, active: false },
          { ...kwame, active: false },
        ],
        failed: [],
      },
      error: null,
    },
  },
  partlyFailed: {
    summary: 'One user was not found',
    value: {
      success: true,
      data: {
        success: [{ ...kwame, active: false }, yuki],
        failed: [
          {
            user: { remoteId: 'E9099' },
            error: 'No user has remoteId "E9099"; correct it, or leave the item out.',
          },
        ],
      },
      error: null,
    },
  },
};
