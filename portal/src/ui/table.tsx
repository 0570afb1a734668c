import type { ComponentChildren } from "preact";

/** One row; its first cell names it. */
export interface Row {
  readonly key: string;
  readonly cells: readonly ComponentChildren[];
}

/** A table. Where the screen is too narrow, every row becomes a list of its cells under their columns' names (page.css). */
export function Table(props: {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly Row[];
  /** Its cells are words and times, which a long name beside them must not press into letters. */
  readonly ofWords?: true;
}) {
  const { caption, head, rows, ofWords } = props;
  return (
    <table class={ofWords && "of-words"}>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {head.map((title) => (
            <th scope="col" key={title}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells: [name, ...cells] }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            {cells.map((cell, at) => (
              <td key={head[at + 1]} data-column={head[at + 1]}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
