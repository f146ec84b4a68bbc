namespace Quoin.Payments.Stripe;

/// <summary>The operator's Stripe accounts: which serves live organisations, and which test ones.</summary>
/// <param name="Live">Null: live organisations cannot be sold anything.</param>
/// <param name="Test">Null: test organisations cannot be sold anything.</param>
public sealed record StripeAccounts(StripeSettings? Live, StripeSettings? Test)
{
    /// <summary>What an operator sets so that organisations can pay.</summary>
    public const string HowToConfigure =
        "The operator sets QUOIN_STRIPE_SECRET_KEY and QUOIN_STRIPE_WEBHOOK_SECRETS for live organisations, "
        + "QUOIN_STRIPE_TEST_SECRET_KEY and QUOIN_STRIPE_TEST_WEBHOOK_SECRETS for test ones.";

    private const string SecretPrefix = "whsec_";

    /// <summary>No account: a host starts without any, and sells nothing.</summary>
    public static StripeAccounts None { get; } = new(null, null);

    /// <summary>
    /// Reads them from variables: <c>QUOIN_STRIPE_SECRET_KEY</c>, <c>…_WEBHOOK_SECRETS</c> (one or more, with commas, the
    /// newest first) and, for another address than Stripe's own, <c>…_URL</c>; the same with <c>QUOIN_STRIPE_TEST_</c>.
    /// </summary>
    /// <param name="variable">A variable's value; null where it is not set.</param>
    /// <param name="wrong">What cannot be, naming the variable and never its secret; null when all can.</param>
    /// <returns>Null when something is wrong.</returns>
    public static StripeAccounts? Read(Func<string, string?> variable, out string? wrong)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var live = ReadOne("QUOIN_STRIPE_", "live", variable, out wrong);
        if (wrong is not null)
        {
            return null;
        }

        var test = ReadOne("QUOIN_STRIPE_TEST_", "test", variable, out wrong);
        return wrong is null ? new StripeAccounts(live, test) : null;
    }

    private static StripeSettings? ReadOne(string prefix, string mode, Func<string, string?> variable, out string? wrong)
    {
        var (keyName, secretsName, urlName) = ($"{prefix}SECRET_KEY", $"{prefix}WEBHOOK_SECRETS", $"{prefix}URL");
        var (key, secretText, url) = (variable(keyName), variable(secretsName), variable(urlName));
        wrong = (key, secretText) switch
        {
            (null, null) => url is null ? null : $"{urlName} is set, but {keyName} is not",
            (null, _) => $"{secretsName} is set, but {keyName} is not",
            (_, null) => $"{keyName} is set, but {secretsName} is not: nobody could trust what Stripe tells",
            _ => KeyProblem(keyName, key, mode, url is not null),
        };
        if (wrong is not null || key is null || secretText is null)
        {
            return null;
        }

        var secrets = secretText.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var address = StripeSettings.StripeAddress;
        wrong = secrets.Length == 0 || !Array.TrueForAll(secrets, IsWebhookSecret)
            ? $"{secretsName} takes endpoints' secrets, which begin with {SecretPrefix}, with commas between them"
            : url is not null && !IsAddress(url, out address)
                ? $"{urlName} is no https address, nor one of this machine"
                : null;
        return wrong is null
            ? new StripeSettings { SecretKey = key, WebhookSecrets = secrets, Address = address }
            : null;
    }

    // A key of the other mode would move money nobody meant to move, or none where it was meant.
    private static string? KeyProblem(string name, string key, string mode, bool isElsewhere) =>
        key.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter)) ? $"{name} holds blanks"
        : !isElsewhere
            && !key.StartsWith($"sk_{mode}_", StringComparison.Ordinal)
            && !key.StartsWith($"rk_{mode}_", StringComparison.Ordinal)
            ? $"{name} takes a secret key of Stripe's {mode} mode, which begins with sk_{mode}_ or rk_{mode}_"
            : null;

    private static bool IsWebhookSecret(string secret) =>
        secret.StartsWith(SecretPrefix, StringComparison.Ordinal) && !secret.Any(char.IsWhiteSpace);

    private static bool IsAddress(string text, out Uri address)
    {
        var isOne = Uri.TryCreate(text, UriKind.Absolute, out var read)
            && (read.Scheme == Uri.UriSchemeHttps || (read.Scheme == Uri.UriSchemeHttp && read.IsLoopback))
            && read.Query.Length == 0;
        address = isOne ? read! : StripeSettings.StripeAddress;
        return isOne;
    }
}
