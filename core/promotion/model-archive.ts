/** Whether a model's file is a gzipped tar: by its name alone, which is signed. */
export function isGzippedTar(name: string): boolean {
  return /\.(?:tar\.gz|tgz)$/i.test(name);
}
