/** What the relay takes while it is under load, from /proc. Without Linux, nothing. */
import { readdirSync } from 'node:fs';
import { cpuMs, rssKib } from '../bench/measure/cpu.js';

const KIB = 1024;
const SAMPLE_MS = 500;

/** @param {number} pid */
export const openDescriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length;
/** @param {number} pid */
export const residentBytes = (pid) => rssKib(pid) * KIB;

/** Watches a process until it is asked. @param {number} pid */
export const watchProcess = (pid) => {
  const start = { rss: residentBytes(pid), cpu: cpuMs(pid), ms: performance.now() };
  let [peak, peakDescriptors] = [start.rss, openDescriptors(pid)];
  const look = () => {
    try {
      peak = Math.max(peak, residentBytes(pid));
      peakDescriptors = Math.max(peakDescriptors, openDescriptors(pid));
    } catch {
      clearInterval(timer); // It has ended.
    }
  };
  const timer = setInterval(look, SAMPLE_MS);
  timer.unref();
  return () => {
    look();
    clearInterval(timer);
    const cpu = cpuMs(pid) - start.cpu;
    return {
      pid,
      rss_bytes: { start: start.rss, peak, end: residentBytes(pid) },
      peak_descriptors: peakDescriptors,
      cpu_seconds: Number((cpu / 1_000).toFixed(2)),
      cpu_percent: Number(((100 * cpu) / (performance.now() - start.ms)).toFixed(1)),
    };
  };
};
