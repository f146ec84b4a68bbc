using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Quoin.Accounts;
using Quoin.Cli;
using Quoin.Server.Hosting;

namespace Quoin.Server.Commands;

/// <summary>
/// <c>quoin demo</c>: fills a running Quoin with a demo organisation whose LLM calls become money. Only the operator and
/// its short-lived key need the database; all else goes through the public API.
/// </summary>
internal static class DemoCommand
{
    private const string OperatorKeyLabel = "Demo set-up";

    private static readonly TimeSpan OperatorKeyLifetime = TimeSpan.FromMinutes(10);

    private static readonly Option<string> Url = new("--url")
    {
        Description = "Where Quoin is reached.",
        HelpName = "URL",
        DefaultValueFactory = _ => "http://localhost:8080",
    };

    private static readonly Option<string?> Data = CommandFlow.DataOption();

    private static readonly Option<string> Email = new("--email")
    {
        Description = "The operator to make, and to make a sign-in link for.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => "operator@example.com",
    };

    private static readonly Option<int> Events = new("--events")
    {
        Description = "About how many LLM calls a week of history has.",
        HelpName = "N",
        DefaultValueFactory = _ => 50_000,
    };

    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "The same number makes the same calls.",
        HelpName = "S",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<bool> Once = new("--once")
    {
        Description = "End after the history, without streaming on.",
    };

    public static Command Create()
    {
        var command = new Command(
            "demo",
            "Fill a running Quoin with a demo organisation: a week of LLM calls, then a few every second until stopped. "
            + "A second run finds everything again.")
        {
            Url, Data, Email, Events, Seed, Once,
        };
        command.Validators.Add(result =>
        {
            // An option left out has its default only after validation.
            if (result.GetResult(Url) is { Implicit: false } && !Uri.TryCreate(result.GetValue(Url), UriKind.Absolute, out _))
            {
                result.AddError("--url is no address such as http://localhost:8080.");
            }

            if (result.GetResult(Events) is { Implicit: false } && result.GetValue(Events) is < 1 or > 5_000_000)
            {
                result.AddError("--events takes 1 to 5000000.");
            }
        });
        command.SetWork(Run);
        return command;
    }

    private static async Task Run(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            await Show(parsed, cancellationToken);
        }
        catch (Exception failure) when (failure is ApiException or IOException or InvalidDataException)
        {
            throw new CommandException(failure.Message, failure);
        }
    }

    private static async Task Show(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = HostSettings.FromEnvironment(parsed.GetValue(Data));
        var url = new Uri(parsed.GetRequiredValue(Url));
        var (link, operatorKey) = await MakeOperator(settings, parsed.GetRequiredValue(Email), cancellationToken);
        var organisation = await SetUp(settings, url, operatorKey, cancellationToken);

        using var api = new ApiClient(new ApiSettings([url], organisation.Key, null), TimeProvider.System);
        var stream = new DemoStream(new DemoWorkload(parsed.GetValue(Seed), parsed.GetValue(Events)), api, TimeProvider.System);
        var history = stream.History(days: 7);
        await Progress.Run("A week of LLM calls", history.Count, TimeProvider.System, async tell =>
        {
            await stream.Backfill(history, tell, cancellationToken);
            return true;
        });
        Console.WriteLine($"History: {stream.Tally}.");
        Welcome(url, link, organisation);
        if (!parsed.GetValue(Once))
        {
            Console.WriteLine("New calls keep coming, a few every second. Ctrl-C stops them.");
            await stream.Live(cancellationToken);
        }
    }

    private static async Task<(string Link, CreatedKey Key)> MakeOperator(
        HostSettings settings, string email, CancellationToken cancellationToken)
    {
        (string, CreatedKey)? made = null;
        await CommandFlow.OnServices(
            settings,
            async services =>
            {
                var operators = services.GetRequiredService<Operators>();
                if (await operators.Create(email, [OperatorRole.Admin], AdminCommand.Actor, cancellationToken)
                    is CreateOperatorOutcome.Invalid(var input))
                {
                    throw new CommandException(input.ToString());
                }

                made = (await LinkFor(operators, email, cancellationToken), await KeyFor(services, cancellationToken));
            },
            cancellationToken);
        return made ?? throw new UnreachableException();
    }

    private static async Task<string> LinkFor(Operators operators, string email, CancellationToken cancellationToken) =>
        await operators.CreateSignInLink(email, AdminCommand.Actor, cancellationToken) is CreateSignInLinkOutcome.Created(var path, _)
            ? path
            : throw new CommandException($"{email} is no operator.");

    private static async Task<CreatedKey> KeyFor(IServiceProvider services, CancellationToken cancellationToken)
    {
        var request = new NewOperatorKey(
            OperatorKeyLabel, [OperatorRole.Admin], TimeProvider.System.GetUtcNow() + OperatorKeyLifetime, "quoin demo");
        return await services.GetRequiredService<Keys>().CreateForOperator(request, AdminCommand.Actor, cancellationToken) switch
        {
            CreateKeyOutcome.Created(var created) => created,
            CreateKeyOutcome.TooManyKeys => throw new CommandException("There are too many operator keys in use. Revoke some first."),
            var outcome => throw new InvalidOperationException($"Creating the demo's key ended as {outcome}."),
        };
    }

    private static async Task<DemoOrganisation> SetUp(
        HostSettings settings, Uri url, CreatedKey operatorKey, CancellationToken cancellationToken)
    {
        var asOperator = new ApiSettings([url], operatorKey.Secret, null);
        try
        {
            return await new DemoSetup(asOperator, settings.DataFolder, TimeProvider.System).Run(cancellationToken);
        }
        finally
        {
            // Also when it was stopped: a key that is not needed is not left.
            using var api = new ApiClient(asOperator with { Patience = TimeSpan.Zero }, TimeProvider.System);
            await api.Send(HttpMethod.Delete, $"/v1/operator-keys/{operatorKey.Key.Id}", null, null, CancellationToken.None);
        }
    }

    private static void Welcome(Uri url, string link, DemoOrganisation organisation)
    {
        var address = url.ToString().TrimEnd('/');
        var minutes = Accounts.Limits.SignInLinkLifetime.TotalMinutes.ToString(CultureInfo.InvariantCulture);
        Console.WriteLine($$$"""

              Quoin runs with a demo organisation, {{{organisation.Org}}}.

              Console   {{{address}}}
              Sign in   {{{address}}}{{{link}}}
                        (works once, within {{{minutes}}} minutes)
              API       {{{address}}}/docs/api

            Send one event; send it again and it counts once:

              curl {{{address}}}/v1/events -H "Authorization: Bearer $(cat '{{{organisation.KeyFile}}}')" \
                -H 'Content-Type: application/cloudevents+json' \
                -d '{"specversion":"1.0","type":"llm.completion","source":"/hello","id":"hello-1",
                     "data":{"model":"gpt-4o","input_tokens":1200,"output_tokens":350}}'

            Call a model through the gateway, as OpenAI's clients do:

              curl {{{address}}}/v1/chat/completions -H "Authorization: Bearer $(cat '{{{organisation.KeyFile}}}')" \
                -H 'Content-Type: application/json' \
                -d '{"model":"demo-echo","messages":[{"role":"user","content":"Hello"}]}'

            Read the balance:

              curl {{{address}}}/v1/balance -H "Authorization: Bearer $(cat '{{{organisation.KeyFile}}}')"

            """);
    }
}
