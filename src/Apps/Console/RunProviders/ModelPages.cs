using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Inference;

namespace Quoin.ConsolePages.RunProviders;

/// <summary>Models that are offered.</summary>
/// <param name="Models">The models.</param>
/// <param name="HasProviders">Whether there is a provider to deploy one at.</param>
/// <param name="Said">What was just done; null nothing.</param>
public sealed record ModelList(IReadOnlyList<ModelRow> Models, bool HasProviders, string? Said);

/// <summary>One model, to be changed or offered.</summary>
/// <param name="Known">Whether it is offered already.</param>
/// <param name="Model">Its name.</param>
/// <param name="Rows">Where it is, row by row; the last ones empty.</param>
/// <param name="Providers">The names of the providers.</param>
/// <param name="Complaint">Why nothing was done; null where nothing was tried.</param>
public sealed record ModelDetail(
    bool Known, string Model, IReadOnlyList<DeploymentFields> Rows, IReadOnlyList<string> Providers, string? Complaint);

/// <summary>A row of a model's form, in the words somebody wrote.</summary>
/// <param name="Provider">The provider; empty for a row that does not count.</param>
/// <param name="Model">What the provider calls it.</param>
/// <param name="Input">How much input it takes.</param>
/// <param name="Output">How much output it gives at most.</param>
/// <param name="Tier">Lower tiers are asked first.</param>
/// <param name="Weight">Its share of the calls of its tier.</param>
/// <param name="Shadow">Of a hundred calls, so many are copied to it.</param>
/// <param name="Tags">What calls may ask for, separated by commas.</param>
/// <param name="Region">Where its machines stand; empty for the provider's.</param>
/// <param name="FirstByte">How long it may take to begin; empty for the provider's.</param>
/// <param name="Total">How long it may take altogether; empty for the provider's.</param>
/// <param name="Idle">How long it may take between two pieces; empty for the provider's.</param>
public sealed record DeploymentFields(
    string Provider = "",
    string Model = "",
    string Input = "128000",
    string Output = "16384",
    string Tier = "",
    string Weight = "1",
    string Shadow = "0",
    string Tags = "",
    string Region = "",
    string FirstByte = "",
    string Total = "",
    string Idle = "")
{
    /// <summary>A deployment as it is.</summary>
    public static DeploymentFields Of(DeploymentInput one) => new(
        one.Provider,
        one.Model,
        Text(one.InputTokensMax),
        Text(one.OutputTokensMax),
        Text(one.Tier),
        Text(one.Weight),
        Text(one.ShadowPercent),
        string.Join(",", one.Tags ?? []),
        one.Region ?? string.Empty,
        Text(one.FirstByteSeconds),
        Text(one.TotalSeconds),
        Text(one.IdleSeconds));

    /// <summary>The same for the gateway. What is no number becomes one that may not be, and the gateway says so.</summary>
    public DeploymentInput ToInput() => new(
        Provider,
        Model,
        Number(Input) ?? 0,
        Number(Output) ?? 0,
        (int?)Number(Tier),
        (int)(Number(Weight) ?? 0),
        Tags.Length == 0
            ? null
            : Tags.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        FormText.Of(Region),
        (int?)Number(FirstByte),
        (int?)Number(Total),
        (int)(Number(Shadow) ?? -1),
        (int?)Number(Idle));

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? string.Empty;

    private static long? Number(string text) =>
        text.Length == 0 ? null
        : int.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number) ? number
        : -1;
}

/// <summary>Shows the models that are offered, offers, changes and withdraws them.</summary>
internal sealed class ModelPages(GatewayDesk desk)
{
    private const int EmptyRows = 2;
    private readonly GatewayDesk desk = desk;

    /// <summary><c>GET /console/models</c>.</summary>
    public static Task<IResult> List(
        Visits visits, ModelPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        async frame => frame.Page<ModelsView, ModelList>(new(
            await pages.desk.Models(cancellationToken),
            (await pages.desk.Providers(cancellationToken)).Count > 0,
            FormText.Of(context.Request, "said") switch
            {
                "set" => "It is offered so, on every replica within a second.",
                "remove" => "It is offered no more.",
                _ => null,
            })),
        cancellationToken);

    /// <summary><c>GET /console/models/edit</c>.</summary>
    public static Task<IResult> Form(
        Visits visits, ModelPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var name = FormText.Of(context.Request, "model");
            var known = (await pages.desk.Models(cancellationToken)).FirstOrDefault(one => one.Model == name);
            return name is not null && known is null
                ? frame.NotFound("model")
                : await pages.Shown(
                    frame,
                    known is not null,
                    name ?? string.Empty,
                    [.. (known?.Deployments ?? []).Select(DeploymentFields.Of)],
                    null,
                    cancellationToken);
        },
        cancellationToken);

    /// <summary><c>POST /console/models/edit</c>.</summary>
    public static Task<IResult> Act(
        Visits visits, ModelPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var (name, actor) = (form["model"], frame.Caller.Actor);
            if (form["act"] == "remove")
            {
                await pages.desk.RemoveModel(name, actor, cancellationToken);
                return PostedForm.SeeOther(context, frame.To(Places.OfferedModels, ("said", "remove")));
            }

            var (rows, isKnown) = (Rows(form), form["known"] == "yes");
            var wanted = new ModelRequestBody(name, [.. rows.Select(row => row.ToInput())], form["reason"]);
            var complaint = await pages.desk.SetModel(wanted, mustBeNew: !isKnown, actor, cancellationToken);
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.OfferedModels, ("said", "set")))
                : await pages.Shown(frame, isKnown, name, rows, complaint, cancellationToken);
        },
        cancellationToken);

    private async Task<IResult> Shown(
        Frame frame,
        bool known,
        string name,
        IReadOnlyList<DeploymentFields> rows,
        string? complaint,
        CancellationToken cancellationToken)
    {
        var providers = await desk.Providers(cancellationToken);
        return frame.Page<ModelView, ModelDetail>(
            new(
                known,
                name,
                [.. rows, .. Enumerable.Repeat(new DeploymentFields(), EmptyRows)],
                [.. providers.Select(one => one.Name)],
                complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    // Every row sends all of its fields, so they come in the order of the rows.
    private static List<DeploymentFields> Rows(PostedForm form)
    {
        var providers = form.All("provider");
        string At(string field, int row) => form.All(field).ElementAtOrDefault(row)?.Trim() ?? string.Empty;
        return
        [
            .. providers.Index().Where(one => one.Item.Length > 0).Select(one => new DeploymentFields(
                one.Item,
                At("name", one.Index),
                At("input", one.Index),
                At("output", one.Index),
                At("tier", one.Index),
                At("weight", one.Index),
                At("shadow", one.Index),
                At("tags", one.Index),
                At("region", one.Index),
                At("first_byte", one.Index),
                At("total", one.Index),
                At("idle", one.Index))),
        ];
    }
}
