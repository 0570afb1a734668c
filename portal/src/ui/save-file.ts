/** Hands a text to the reader as a file. */
export function saveText(name: string, text: string, type = "text/plain"): void {
  saveFile(new File([text], name, { type }));
}

/** Hands a file to the reader: the browser keeps it as it keeps every download. */
export function saveFile(file: File): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = file.name;
  link.click();
  // The download has begun by then; without this the bytes stay in memory as long as the page.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
