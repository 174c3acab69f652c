/** Positions in the overview. Laid out by hand, so that a reader can follow one phone's life through it. */

/** @typedef {{ readonly x: number, readonly y: number, readonly width: number, readonly height: number }} Place */

export const SIZE = { width: 1760, height: 1060 };

/** The left upper corner of the legend. */
export const LEGEND = { x: 40, y: 906 };

/** The box around the actors. */
export const SYSTEM = { x: 20, y: 124, width: 1720, height: 434 };

/** @type {Readonly<Record<import('./relations.js').Party, Place>>} */
export const PLACES = {
  host: { x: 40, y: 22, width: 250, height: 50 },
  relay: { x: 40, y: 172, width: 160, height: 50 },
  directory: { x: 400, y: 164, width: 320, height: 66 },
  server: { x: 40, y: 408, width: 240, height: 66 },
  connection: { x: 950, y: 408, width: 240, height: 66 },
  push: { x: 1420, y: 164, width: 300, height: 66 },
  wake: { x: 1420, y: 408, width: 300, height: 66 },
  transport: { x: 330, y: 842, width: 860, height: 50 },
  phone: { x: 330, y: 984, width: 330, height: 50 },
  binary: { x: 860, y: 984, width: 330, height: 50 },
};

/**
 * By sender and recipient. `path` is SVG path data in the direction of the arrow; `at` is the start of the first line of
 * text; `width` is the characters per line.
 * @type {Readonly<Record<string, { readonly path: string, readonly at: readonly [number, number], readonly width: number }>>}
 */
export const LINES = {
  'host relay': { path: 'M60 72V172', at: [72, 88], width: 14 },
  'relay host': { path: 'M180 172V72', at: [192, 88], width: 30 },
  'relay directory': { path: 'M200 186H400', at: [216, 164], width: 30 },
  'directory relay': { path: 'M400 208H200', at: [216, 225], width: 30 },
  'directory server': { path: 'M420 230V284H60V408', at: [72, 303], width: 28 },
  'server directory': { path: 'M262 408V316H450V230', at: [274, 332], width: 32 },
  'directory connection': { path: 'M700 230V284H1170V408', at: [1040, 303], width: 22 },
  'connection directory': { path: 'M968 408V316H670V230', at: [820, 332], width: 26 },
  'server connection': { path: 'M280 428H950', at: [300, 372], width: 36 },
  'connection server': { path: 'M950 454H280', at: [300, 472], width: 36 },
  'transport directory': { path: 'M560 842V230', at: [420, 590], width: 24 },
  'directory transport': { path: 'M590 230V842', at: [602, 590], width: 22 },
  'server transport': { path: 'M80 474V867H330', at: [92, 590], width: 26 },
  'connection transport': { path: 'M985 474V842', at: [790, 584], width: 34 },
  'transport connection': { path: 'M1010 842V474', at: [1022, 584], width: 32 },
  'relay push': { path: 'M120 172V131H1600V164', at: [1330, 150], width: 20 },
  'push relay': { path: 'M1420 222H1320V264H140V222', at: [740, 278], width: 30 },
  'push wake': { path: 'M1460 230V408', at: [1472, 290], width: 24 },
  'wake push': { path: 'M1620 408V230', at: [1632, 290], width: 16 },
  'transport push': { path: 'M1190 860H1240V192H1420', at: [1252, 590], width: 20 },
  'push transport': { path: 'M1420 208H1400V874H1190', at: [1412, 650], width: 22 },
  'wake transport': { path: 'M1560 474V850H1190', at: [1440, 590], width: 20 },
  'transport wake': { path: 'M1190 885H1580V474', at: [1592, 590], width: 20 },
  'phone transport': { path: 'M360 984V892', at: [372, 930], width: 20 },
  'transport phone': { path: 'M490 892V984', at: [502, 930], width: 26 },
  'binary transport': { path: 'M890 984V892', at: [902, 930], width: 22 },
  'transport binary': { path: 'M1030 892V984', at: [1042, 930], width: 20 },
};
