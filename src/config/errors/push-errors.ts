/** Errors of the credentials that push needs. */
import { type ErrorGroup, entriesOf } from './error-entry.ts';

export const pushErrors: ErrorGroup = {
  title: 'Push',
  about:
    'Exit 2, and `reload refused` after a SIGHUP. The setting is in front; nothing of the credentials is quoted. [push.md](push.md)',
  entries: entriesOf([
    [
      'pushProvider does not go with fcmCredentials: only one of them sends wakes',
      'a program that embeds the relay has set both',
      'leave one out',
    ],
    [
      'push needs the optional package jose, which is not installed: npm install jose',
      'npm left optional packages out',
      'as it says',
    ],
    [
      'the FCM credentials have no "project_id": give --fcm-project',
      'it was edited',
      'give the id of the Firebase project',
    ],
    ['not a JSON object', 'the file is another, or was cut', 'download the key again'],
    [
      '"type" is not "service_account": take the key of a service account',
      "it is another credential of Google, such as a user's, or `google-services.json` of the app",
      'as it says',
    ],
    ['"client_email" is missing', 'it was edited', 'download the key again'],
    ['"private_key" is missing', 'it was edited', 'download the key again'],
    [
      '"private_key" is not an RSA key in PEM without a password',
      'it was edited; its line ends may have been escaped twice (`\\\\n`)',
      'download the key again, and pass the file as it is',
    ],
    ['"private_key" has fewer than <number> bits', 'Google would refuse it', 'make a new key'],
    [
      '"private_key" does not sign: its parts do not belong together',
      'it was edited, or damaged on the way',
      'download the key again',
    ],
    ['"private_key_id" is not a string', 'it was edited', 'download the key again'],
    [
      '"token_uri" is not an https:// URL, or an http:// one of this machine',
      'what is signed with the key is sent there',
      'leave it as Google has it',
    ],
    ['"project_id" is not the id of a project', 'it was edited', 'download the key again'],
  ]),
};
