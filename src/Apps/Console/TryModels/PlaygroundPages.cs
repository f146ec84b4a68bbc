using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.TryModels;

/// <summary>The playground, as it is asked for.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Model">The model that is chosen already.</param>
internal sealed record PlaygroundRequest(OrgId? Org = null, string? Model = null);

/// <summary>What the playground offers.</summary>
/// <param name="Models">The models that may be called.</param>
/// <param name="Chosen">The one that is chosen already.</param>
public sealed record PlaygroundModel(IReadOnlyList<string> Models, string? Chosen);

/// <summary>Where people try models: the page, and what answers it as it streams.</summary>
internal static class PlaygroundPages
{
    /// <summary><c>GET /console/gateway/playground</c>.</summary>
    public static Task<IResult> Show(
        Parameters<PlaygroundRequest> parameters,
        Visits visits,
        GatewayCalls gateway,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var models = await gateway.Models(frame.RequiredOrg.Id, frame.Caller, cancellationToken);
            var chosen = models.FirstOrDefault(model => model == parameters.Value.Model);
            return frame.Page<PlaygroundView, PlaygroundModel>(new(models, chosen));
        },
        cancellationToken);

    /// <summary>
    /// <c>POST /console/gateway/playground/answer</c>: a chat completion of the person's own session, charged to the
    /// organisation they look at. The gate has seen that the request comes from a page of ours and that its sender may call
    /// models there.
    /// </summary>
    public static Task Answer(HttpContext context, GatewayCalls gateway) => gateway.Chat(context);
}
