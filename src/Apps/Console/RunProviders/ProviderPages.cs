using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.ConsolePages.Shell;
using Quoin.Inference;

namespace Quoin.ConsolePages.RunProviders;

/// <summary>Providers, and how they are.</summary>
/// <param name="Providers">The providers.</param>
/// <param name="Health">How their deployments are, as this replica saw them.</param>
/// <param name="Said">What was just done; null nothing.</param>
public sealed record ProviderList(IReadOnlyList<ProviderRow> Providers, HealthReport Health, string? Said)
{
    /// <summary>Changes when anything here does that a person would look at.</summary>
    public string Seen
    {
        get
        {
            var text = string.Join('\n', Health.Deployments.Select(one =>
                $"{Health.Replica} {one.Provider} {one.Model} {one.State} {one.Calls} {one.Errors} {one.LatencyP50Ms}"));
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
        }
    }

    /// <summary>The deployments at a provider.</summary>
    public IEnumerable<DeploymentHealth> Of(ProviderRow provider) =>
        Health.Deployments.Where(one => one.Provider == provider.Name);
}

/// <summary>One provider, to be changed or added.</summary>
/// <param name="Known">The provider as it is; null for one to be added.</param>
/// <param name="Fields">What the form says.</param>
/// <param name="Complaint">Why nothing was done; null where nothing was tried.</param>
public sealed record ProviderDetail(ProviderRow? Known, ProviderFields Fields, string? Complaint);

/// <summary>A provider's form, in the words somebody wrote; never with a credential.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Which headers and names it wants.</param>
/// <param name="BaseUrl">Its address.</param>
/// <param name="FirstByteSeconds">How long it may take to begin.</param>
/// <param name="IdleSeconds">How long it may take between two pieces.</param>
/// <param name="TotalSeconds">How long it may take altogether.</param>
/// <param name="IsEnabled">Whether calls go there.</param>
/// <param name="ApiVersion">The version of its API.</param>
/// <param name="Region">Where its machines stand.</param>
/// <param name="Protocols">What it speaks; null or none for what its kind usually does.</param>
public sealed record ProviderFields(
    string Name = "",
    string Kind = "openai",
    string BaseUrl = "https://api.openai.com/v1",
    string FirstByteSeconds = "300",
    string IdleSeconds = "120",
    string TotalSeconds = "1800",
    bool IsEnabled = true,
    string ApiVersion = "",
    string Region = "",
    IReadOnlyList<string>? Protocols = null)
{
    /// <summary>A provider's own.</summary>
    public static ProviderFields Of(ProviderRow row) => new(
        row.Name,
        row.Kind,
        row.BaseUrl,
        row.FirstByteSeconds.ToString(CultureInfo.InvariantCulture),
        row.IdleSeconds.ToString(CultureInfo.InvariantCulture),
        row.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        row.IsEnabled,
        row.ApiVersion ?? string.Empty,
        row.Region ?? string.Empty,
        row.Protocols);

    /// <summary>What was sent.</summary>
    internal static ProviderFields Read(PostedForm form) => new(
        form["name"],
        form["kind"],
        form["base_url"],
        form["first_byte"],
        form["idle"],
        form["total"],
        form["enabled"] == "yes",
        form["api_version"],
        form["region"],
        form.All("protocols"));

    /// <summary>The same for the gateway.</summary>
    /// <param name="credential">Its key; null leaves the one it has, for the address it was given for.</param>
    /// <param name="reason">Why, for the audit log.</param>
    /// <param name="known">The provider as it is; null for one to be added.</param>
    public ProviderRequestBody ToBody(string? credential, string reason, ProviderRow? known) => new(
        Kind,
        BaseUrl,
        reason,
        Spoken(known),
        credential,
        Seconds(FirstByteSeconds),
        Seconds(IdleSeconds),
        Seconds(TotalSeconds),
        IsEnabled,
        FormText.Of(ApiVersion),
        FormText.Of(Region));

    // Who chose another kind and left its protocols as they were means those of the new kind.
    private IReadOnlyList<string>? Spoken(ProviderRow? known) =>
        Protocols is not { Count: > 0 } ? null
        : known is not null && known.Kind != Kind && Protocols.ToHashSet().SetEquals(known.Protocols) ? null
        : Protocols;

    // What is no number is a time that no provider may have, and the gateway says so.
    private static int Seconds(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;
}

/// <summary>Shows providers and how they are, adds, changes and removes them.</summary>
internal sealed class ProviderPages(GatewayDesk desk, ProviderHealth health, LiveAnswers live)
{
    private readonly LiveAnswers live = live;

    /// <summary><c>GET /console/models/providers</c>.</summary>
    public static Task<IResult> List(
        Visits visits, ProviderPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        async frame => frame.Page<ProvidersView, ProviderList>(
            await pages.Read(Said(FormText.Of(context.Request, "said")), cancellationToken)),
        cancellationToken);

    /// <summary><c>GET /console/models/providers/live</c>: how they are, once that changed.</summary>
    public static Task<IResult> Live(
        Visits visits, ProviderPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        frame => pages.live.Answer(
            context,
            CallHistory.Channel,
            async stop =>
            {
                var model = await pages.Read(null, stop);
                if (model.Seen == FormText.Of(context.Request, "seen"))
                {
                    return null;
                }

                context.Response.Headers["Quoin-Seen"] = model.Seen;
                return new RazorComponentResult<ProvidersParts>(new { Frame = frame, Model = model });
            },
            cancellationToken),
        cancellationToken);

    /// <summary><c>GET /console/models/providers/edit</c>.</summary>
    public static Task<IResult> Form(
        Visits visits, ProviderPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var name = FormText.Of(context.Request, "provider");
            var known = await pages.Find(name, cancellationToken);
            return name is not null && known is null
                ? frame.NotFound("provider")
                : frame.Page<ProviderView, ProviderDetail>(
                    new(known, known is null ? new ProviderFields() : ProviderFields.Of(known), null));
        },
        cancellationToken);

    /// <summary><c>POST /console/models/providers/edit</c>.</summary>
    public static Task<IResult> Act(
        Visits visits, ProviderPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var fields = ProviderFields.Read(form);
            // Who adds one sees a form to add one again, never that of another provider of the name.
            var isKnown = form["known"] == "yes";
            var known = isKnown ? await pages.Find(fields.Name, cancellationToken) : null;
            if (isKnown && known is null)
            {
                return frame.NotFound("provider");
            }

            var complaint = form["act"] == "remove"
                ? await pages.desk.RemoveProvider(fields.Name, frame.Caller.Actor, cancellationToken)
                : await pages.Set(frame, fields, form, known, cancellationToken);
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.Providers, ("said", form["act"])))
                : frame.Page<ProviderView, ProviderDetail>(
                    new(known, fields, complaint), StatusCodes.Status422UnprocessableEntity);
        },
        cancellationToken);

    private readonly GatewayDesk desk = desk;

    private Task<string?> Set(
        Frame frame, ProviderFields fields, PostedForm form, ProviderRow? known, CancellationToken cancellationToken) =>
        desk.SetProvider(
            fields.Name,
            fields.ToBody(
                FormText.Of(form["credential"]), form["reason"], known),
            mustBeNew: known is null,
            frame.Caller.Actor,
            cancellationToken);

    private async Task<ProviderRow?> Find(string? name, CancellationToken cancellationToken) =>
        (await desk.Providers(cancellationToken)).FirstOrDefault(one => one.Name == name);

    private async Task<ProviderList> Read(string? said, CancellationToken cancellationToken) =>
        new(await desk.Providers(cancellationToken), await health.Read(), said);

    private static string? Said(string? act) => act switch
    {
        "set" => "It stands so, on every replica within a second.",
        "remove" => "The provider is gone.",
        _ => null,
    };
}

/// <summary>Providers, in words.</summary>
public static class ProviderText
{
    /// <summary>What a kind of provider is called.</summary>
    public static string Kind(string kind) => kind switch
    {
        "openai" => "OpenAI",
        "openai_compatible" => "OpenAI-compatible",
        "anthropic" => "Anthropic",
        "azure_openai" => "Azure OpenAI",
        "bedrock" => "Amazon Bedrock",
        "gemini" => "Google Gemini",
        "litellm" => "LiteLLM",
        "openrouter" => "OpenRouter",
        _ => kind,
    };

    /// <summary>How a deployment stands.</summary>
    public static string State(DeploymentHealth one) => one.State switch
    {
        "open" => "Rests (open)",
        "half_open" => "Is tried (half-open)",
        _ when one.Calls == 0 => "Not asked lately",
        _ => "Answers",
    };

    /// <summary>The class of the dot before it.</summary>
    public static string Dot(DeploymentHealth one) => one.State switch
    {
        "open" or "half_open" => "behind",
        _ => one.Calls == 0 ? "idle" : "well",
    };

    /// <summary>A share of calls, in percent.</summary>
    public static string Share(long part, long whole) => whole == 0
        ? "–"
        : (100m * part / whole).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    /// <summary>Milliseconds at a glance.</summary>
    public static string Ms(double? milliseconds) =>
        milliseconds is { } known ? BrowseCalls.CallText.Length((decimal)known) : "–";
}
