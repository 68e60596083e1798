/** Some of those the rule selects; each tells why when asked. */
import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { NamedPerson } from "../data";
import classes from "./preview.module.css";

interface Props {
  people: readonly NamedPerson[];
  stale: boolean;
  /** The person being asked about. */
  asked: string | null;
  onWhy: (person: NamedPerson) => void;
}

export function People({ people, stale, asked, onWhy }: Props) {
  const { t } = useTranslation("rules");
  if (people.length === 0) return null;
  return (
    <section aria-busy={stale}>
      <h3 className={classes.heading}>{t("preview.sample")}</h3>
      <ul className={classes.people} data-stale={stale || undefined}>
        {people.map((person) => (
          <li key={person.id}>
            <UnstyledButton
              className={classes.person}
              aria-current={asked === person.id || undefined}
              onClick={() => onWhy(person)}
            >
              <span>{person.display ?? person.key ?? person.id}</span>
              <span className={classes.key}>{person.key}</span>
              <span className={classes.ask}>
                {t("why.ask")}
                <IconChevronRight size={12} aria-hidden />
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
