using System.Text.Json.Nodes;

namespace Quoin.StripeSimulator.Internal;

/// <summary>
/// A refusal, in Stripe's shape. Thrown, because it ends a call wherever it is found; caught in one place,
/// <see cref="Api.ApiServer"/>, which answers it.
/// </summary>
internal sealed class ApiException(int status, string type, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>Such as <c>invalid_request_error</c>.</summary>
    public string Type { get; } = type;

    /// <summary>Such as <c>resource_missing</c>.</summary>
    public string? Code { get; init; }

    /// <summary>Why a card said no.</summary>
    public string? DeclineCode { get; init; }

    /// <summary>The parameter at fault.</summary>
    public string? Param { get; init; }

    /// <summary>More members of the error, such as the payment intent.</summary>
    public JsonObject? More { get; init; }

    /// <summary>Whether the call was refused before anything of it ran: such an answer is not kept for its key.</summary>
    public bool IsBeforeExecution { get; init; }

    /// <summary>What was named is not there.</summary>
    public static ApiException Missing(string kind, string id, string param = "id") =>
        new(404, "invalid_request_error",
            $"No such {kind.Replace('_', ' ').Replace('.', ' ')}: '{id}'")
        { Code = "resource_missing", Param = param };

    /// <summary>What was named in a parameter is not there: 400, as Stripe answers there.</summary>
    public static ApiException MissingParameter(string kind, string id, string param) =>
        new(400, "invalid_request_error",
            $"No such {kind.Replace('_', ' ').Replace('.', ' ')}: '{id}'")
        { Code = "resource_missing", Param = param };

    /// <summary>A parameter is needed.</summary>
    public static ApiException Required(string param) =>
        new(400, "invalid_request_error", $"Missing required param: {param}.")
        {
            Code = "parameter_missing",
            Param = param,
            IsBeforeExecution = true
        };

    /// <summary>A parameter is wrong.</summary>
    public static ApiException Invalid(string param, string message, string? code = null) =>
        new(400, "invalid_request_error", message) { Code = code, Param = param };

    /// <summary>The object is in another state than the call needs.</summary>
    public static ApiException State(string code, string message) => new(400, "invalid_request_error", message) { Code = code };

    /// <summary>The answer's body.</summary>
    public JsonObject Body(string requestId)
    {
        var error = new JsonObject { ["message"] = Message, ["type"] = Type };
        if (Code is not null)
        {
            error["code"] = Code;
            error["doc_url"] = "https://stripe.com/docs/error-codes/" + Code.Replace('_', '-');
        }

        if (DeclineCode is not null)
        {
            error["decline_code"] = DeclineCode;
        }

        if (Param is not null)
        {
            error["param"] = Param;
        }

        foreach (var (name, member) in More ?? [])
        {
            error[name] = member?.DeepClone();
        }

        error["request_log_url"] = "https://dashboard.stripe.com/test/logs/" + requestId;
        return new JsonObject { ["error"] = error };
    }
}
