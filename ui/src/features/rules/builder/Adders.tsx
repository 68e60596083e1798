/** The ways to add to a group: a condition, an exclusion, a group, a sequence, a sample. */
import { Button, Menu } from "@mantine/core";
import {
  IconArrowRampRight,
  IconBan,
  IconDice3,
  IconDots,
  IconPlus,
  IconSquarePlus,
  IconUsersGroup,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import {
  type Block,
  type Group,
  newGroup,
  newMembership,
  newSample,
  newSequence,
} from "../model/blocks";
import type { Scope } from "../model/catalog";
import { startBlock } from "../model/start";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import { FieldFinder } from "./FieldFinder";

interface Props {
  group: Group;
  scope: Scope;
  narrowing: boolean;
}

const ICON = { size: 14, "aria-hidden": true } as const;

export function Adders({ group, scope, narrowing }: Props) {
  const { t } = useTranslation("rules");
  const { actions, offered } = useBuilder();
  const end = group.children.length;
  const add = (block: Block) => actions.add(group.id, end, block);
  return (
    <div className={classes.adders}>
      {narrowing && end === 0 && <span className={classes.hint}>{t("builder.emptyWhere")}</span>}
      <FieldFinder
        scope={scope}
        refocus={false}
        onPick={(found) => add(startBlock(found))}
        target={(open) => (
          <Button
            variant={end === 0 && !narrowing ? "light" : "subtle"}
            size="compact-sm"
            data-add
            leftSection={<IconPlus {...ICON} />}
            onClick={open}
          >
            {t(narrowing ? "builder.addWhere" : "builder.add")}
          </Button>
        )}
      />
      {scope.top && offered === null && (
        <Quiet icon={<IconBan {...ICON} />} onClick={() => add(newMembership("segment", "", true))}>
          {t("builder.addExclusion")}
        </Quiet>
      )}
      {(!narrowing || end > 0) && (
        <Quiet
          icon={<IconSquarePlus {...ICON} />}
          onClick={() => add(newGroup(group.mode === "any" ? "all" : "any"))}
        >
          {t("builder.addGroup")}
        </Quiet>
      )}
      {scope.top && offered === null && (
        <Menu position="bottom-start" width={300}>
          <Menu.Target>
            <Button
              variant="subtle"
              color="gray"
              size="compact-sm"
              leftSection={<IconDots {...ICON} />}
            >
              {t("builder.addOther")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconUsersGroup {...ICON} />}
              onClick={() => add(newMembership("segment"))}
            >
              {t("builder.addMembership")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowRampRight {...ICON} />}
              onClick={() => add(newSequence())}
            >
              {t("builder.addSequence")}
            </Menu.Item>
            <Menu.Item leftSection={<IconDice3 {...ICON} />} onClick={() => add(newSample())}>
              {t("builder.addSample")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}

function Quiet(props: { icon: ReactNode; onClick: () => void; children: ReactNode }) {
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      leftSection={props.icon}
      onClick={props.onClick}
    >
      {props.children}
    </Button>
  );
}
