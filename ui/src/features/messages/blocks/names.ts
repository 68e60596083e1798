import {
  IconAlignJustified,
  IconClick,
  IconCode,
  IconColumns2,
  IconHeading,
  IconLetterT,
  IconPhoto,
  IconScale,
  IconSpacingVertical,
} from "@tabler/icons-react";
import type { Block, BlockKind } from "../model/body";

export const BLOCK_ICONS: Record<BlockKind, typeof IconPhoto> = {
  heading: IconHeading,
  text: IconLetterT,
  image: IconPhoto,
  button: IconClick,
  divider: IconAlignJustified,
  spacer: IconSpacingVertical,
  columns: IconColumns2,
  footer: IconScale,
  mjml: IconCode,
};

/** The first words of a block; empty where it has none. */
export function wordsOfBlock(block: Block): string {
  switch (block.kind) {
    case "heading":
    case "text":
      return block.text
        .replace(/\*\*|^[-#] /gm, "")
        .trim()
        .slice(0, 80);
    case "button":
      return block.label;
    case "image":
      return block.alt;
    case "footer":
      return block.sender;
    case "spacer":
      return `${block.height} px`;
    case "mjml":
      return block.mjml.trim().slice(0, 60);
    default:
      return "";
  }
}
