/** Bounds of TLS: the handshake, the records, and the certificate. */

const KIB = 1024;

/** Time that a TLS handshake may take. The Go relay has the same, as its head timeout includes the handshake. */
export const TLS_HANDSHAKE_TIMEOUT_MS = 5_000;
/**
 * TLS handshake records, each of which may ask for a signature, that are taken in one turn of the event loop. A signature takes up to
 * 4.4 ms (RSA of 4096 bits), and established connections wait for it. With 4, on a busy machine, 2,000 that dialled again at once ran
 * into their deadline.
 */
export const HANDSHAKES_PER_TURN = 16;

/**
 * Bytes of a paused TLS socket that Node may have read ahead. Its own limit of 64 KiB counts bytes and not records: of records of one
 * byte it takes as many, and each costs some 400.
 */
export const TLS_READ_AHEAD_BYTES = KIB;
/** TLS records of one socket that are decrypted before those without data are counted. Such a record takes 70 µs at most. */
export const TLS_SLICE_RECORDS = 32;
/**
 * A peer that sends this many TLS records without data within `OFFENCE_PERIOD_MS` is cut. A handshake has four, or some more if
 * its first message comes in fragments; a client renews its keys once in millions of records, and says goodbye with one.
 */
export const MAX_BARREN_RECORDS = 32;
/**
 * TLS records that a peer may send before its upgrade; with more it is cut. A record costs some 8 µs however short it is, and no read
 * share bounds them yet. A handshake has three to six, and a request head of 16 KiB comes in one, or in one for each header.
 */
export const MAX_OPENING_RECORDS = 256;

/** How often the certificate's files are looked at. A pair that cannot be used is reported at the second look. */
export const CERTIFICATE_POLL_INTERVAL_MS = 2_000;
/** Longest certificate or key file. A long chain has 20 KB. */
export const MAX_CERTIFICATE_FILE_BYTES = 1024 * KIB;
/** From when on a certificate that nobody has renewed is warned about, once a day: when Let's Encrypt has been asked for weeks. */
export const CERTIFICATE_WARNING_MS = 14 * 24 * 60 * 60 * 1000;
export const CERTIFICATE_EXPIRY_CHECK_MS = 60 * 60 * 1000;

/** How often the wall clock is compared with the time of the next order of a certificate. */
export const CERTIFICATE_LOOK_INTERVAL_MS = 60 * 60 * 1000;
/** An order that takes longer is given up. Let's Encrypt takes seconds; its validation of a slow name, a minute. */
export const CERTIFICATE_ORDER_TIMEOUT_MS = 5 * 60 * 1000;
