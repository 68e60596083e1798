/** Flex bubbles as LINE would roughly draw them. Pictures are not fetched. */
import { IconPhoto } from "@tabler/icons-react";
import type { Bubble, FlexNode } from "../model/flex";
import classes from "./preview.module.css";

export function FlexView({ bubbles }: { bubbles: readonly Bubble[] }) {
  return (
    <div className={classes.carousel}>
      {bubbles.map((bubble, index) => (
        <div key={index} className={classes.flex}>
          {bubble.header && <Part node={bubble.header} />}
          {bubble.hero && <Part node={bubble.hero} />}
          {bubble.body && <Part node={bubble.body} />}
          {bubble.footer && <Part node={bubble.footer} />}
        </div>
      ))}
    </div>
  );
}

function Part({ node }: { node: FlexNode }) {
  return (
    <div className={node.kind === "image" ? undefined : classes.flexPart}>
      <Drawn node={node} />
    </div>
  );
}

function Drawn({ node }: { node: FlexNode }) {
  switch (node.kind) {
    case "box":
      return (
        <div
          className={classes.flexBox}
          data-layout={node.layout}
          style={node.ground ? { background: node.ground } : undefined}
        >
          {node.children.map((child, index) => (
            <Drawn key={index} node={child} />
          ))}
        </div>
      );
    case "text":
      return (
        <span
          className={classes.flexText}
          data-size={node.size}
          style={{ fontWeight: node.weight === "bold" ? 700 : 400, color: node.color ?? undefined }}
        >
          {node.text}
        </span>
      );
    case "button":
      return (
        <span className={classes.flexButton} data-primary={node.primary || undefined}>
          {node.label}
        </span>
      );
    case "image":
      return (
        <span className={classes.flexImage} data-wide={node.wide || undefined}>
          <IconPhoto size={node.wide ? 28 : 16} stroke={1.4} aria-hidden />
        </span>
      );
    case "separator":
      return <hr className={classes.flexRule} />;
  }
}
