using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Npgsql;

namespace Quoin.Platform;

/// <summary>Which problem an exception is, outside the code that knows its own outcomes.</summary>
internal static class ExceptionProblems
{
    // A PostgreSQL that restarts is back within seconds; asking sooner only adds to its start.
    private const int DatabaseRetrySeconds = 2;

    public static Problem For(HttpContext context, Exception exception) => exception switch
    {
        ProblemException refused => refused.Problem,
        BadHttpRequestException bad => For(context, bad),
        _ when IsBrokenEncoding(context, exception) => new Problem(
            PlatformProblems.MalformedRequest, "The body is not what its Content-Encoding says."),
        _ when IsDatabaseUnavailable(exception) => new Problem(
            PlatformProblems.DatabaseUnavailable, "The work was not done; nothing half-done is kept.", DatabaseRetrySeconds),
        _ => new Problem(PlatformProblems.InternalError, "The failure is logged under the request_id."),
    };

    private static Problem For(HttpContext context, BadHttpRequestException exception) => exception.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => StatusProblems.TooLarge(context),
        StatusCodes.Status415UnsupportedMediaType => new Problem(PlatformProblems.UnsupportedMediaType, exception.Message),
        StatusCodes.Status408RequestTimeout => new Problem(PlatformProblems.RequestTimeout, exception.Message),
        _ when exception.InnerException is JsonException json => JsonProblem.Of(json),
        _ when LacksBody(context) => new Problem(PlatformProblems.MalformedJson, "A JSON body is needed; there is none."),
        _ => new Problem(PlatformProblems.MalformedRequest, exception.Message),
    };

    private static bool LacksBody(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>() is not null
        && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false };

    // Decompression throws this at whoever reads the body; the same exception elsewhere would be a bug.
    private static bool IsBrokenEncoding(HttpContext context, Exception exception) =>
        exception is InvalidDataException && ContentEncoding.WasUsed(context);

    private static bool IsDatabaseUnavailable(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            // 57P..: stopping, crashed, starting. 25006: a standby, or a disk so full that writing is off.
            if (cause is NpgsqlException { IsTransient: true }
                or PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction }
                || (cause is PostgresException { SqlState: { } state } && state.StartsWith("57P", StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }
}
