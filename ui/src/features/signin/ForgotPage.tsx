import { Anchor, Button, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { ErrorState } from "@/design/states";
import { Gateway } from "./Gateway";

/** The answer is the same whether or not the address is known here. */
export function ForgotPage() {
  const { t } = useTranslation("signin");
  const [email, setEmail] = useState("");
  const ask = useMutation({
    mutationFn: () => call("POST", "/api/auth/password/forgot", { body: { email: email.trim() } }),
  });
  return (
    <Gateway title={t("forgot.title")}>
      {ask.isSuccess ? (
        <Text size="sm" role="status">
          {t("forgot.sent")}
        </Text>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            ask.mutate();
          }}
        >
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              {t("forgot.text")}
            </Text>
            <TextInput
              label={t("email")}
              type="email"
              autoComplete="username"
              required
              withAsterisk={false}
              autoFocus
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            {ask.error && <ErrorState error={ask.error} inline />}
            <Button type="submit" loading={ask.isPending}>
              {t("forgot.submit")}
            </Button>
          </Stack>
        </form>
      )}
      <Text size="sm" mt="md">
        <Anchor component={Link} to="/sign-in" size="sm">
          {t("back")}
        </Anchor>
      </Text>
    </Gateway>
  );
}
