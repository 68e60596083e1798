/** A talk guide: Markdown without raw HTML, images or links that leave unasked. */
import Markdown from "react-markdown";
import classes from "./Guide.module.css";

const ALLOWED = [
  "p",
  "h1",
  "h2",
  "h3",
  "h4",
  "ul",
  "ol",
  "li",
  "strong",
  "em",
  "blockquote",
  "code",
  "hr",
  "br",
  "a",
];

export function Guide({ text }: { text: string }) {
  return (
    <div className={classes.guide}>
      <Markdown
        allowedElements={ALLOWED}
        unwrapDisallowed
        components={{
          // The page and its sections have the headings above these.
          h1: ({ children }) => <h3>{children}</h3>,
          h2: ({ children }) => <h3>{children}</h3>,
          h3: ({ children }) => <h4>{children}</h4>,
          a: ({ children, href }) => (
            <a href={href} target="_blank" rel="noreferrer noopener">
              {children}
            </a>
          ),
        }}
      >
        {text}
      </Markdown>
    </div>
  );
}
