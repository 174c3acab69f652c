let lastBytes = 0;

/** Memory of this process. The last reading, if the process is out of the file descriptor that it takes to read it. */
export const residentBytes = (): number => {
  try {
    lastBytes = process.memoryUsage.rss();
  } catch {
    // ERR_SYSTEM_ERROR EMFILE: nobody can do anything about it here, and the metrics must be readable then.
  }
  return lastBytes;
};
