/** The kinds of steps in their groups, for putting one in at a place. */
import { Menu } from "@mantine/core";
import { IconRoute } from "@tabler/icons-react";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { STEP_ICONS } from "../icons";
import { STEP_GROUPS, type StepKind } from "../model/graph";

interface Props {
  /** Where on the screen; null: closed. */
  at: { x: number; y: number } | null;
  onPick: (kind: StepKind) => void;
  /** A whole flow instead of a step. */
  onFlow?: (() => void) | undefined;
  onClose: () => void;
}

export function AddMenu({ at, onPick, onFlow, onClose }: Props) {
  const { t } = useTranslation("journeys");
  return (
    <Menu
      opened={at !== null}
      onClose={onClose}
      position="bottom-start"
      width={230}
      returnFocus={false}
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <span
          aria-hidden
          style={{ position: "fixed", left: at?.x ?? 0, top: at?.y ?? 0, width: 1, height: 1 }}
        />
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: "auto" }} aria-label={t("palette.title")}>
        {Object.entries(STEP_GROUPS).map(([group, kinds]) => (
          <Fragment key={group}>
            <Menu.Label>{t(`palette.${group}`)}</Menu.Label>
            {kinds.map((kind) => {
              const Icon = STEP_ICONS[kind];
              return (
                <Menu.Item
                  key={kind}
                  leftSection={<Icon size={16} stroke={1.6} aria-hidden />}
                  onClick={() => onPick(kind)}
                >
                  {t(`kind.${kind}`)}
                </Menu.Item>
              );
            })}
          </Fragment>
        ))}
        {onFlow && (
          <>
            <Menu.Label>{t("palette.flow")}</Menu.Label>
            <Menu.Item
              leftSection={<IconRoute size={16} stroke={1.6} aria-hidden />}
              onClick={() => {
                onClose();
                onFlow();
              }}
            >
              {t("insertFlow.open")}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
