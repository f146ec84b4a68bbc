using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Quoin.Platform;

/// <summary>
/// A failed request's answer: <c>application/problem+json</c> with <c>type, title, status, detail, code, retryable,
/// request_id</c> and, where it helps, more members.
/// </summary>
/// <param name="code">The stable code.</param>
/// <param name="detail">What is wrong in this case, for a person. Never a secret, never prompt content.</param>
/// <param name="retryAfterSeconds">Sent as <c>Retry-After</c> when given.</param>
/// <param name="members">Further members of the answer, in snake case.</param>
public sealed class Problem(
    ProblemCode code,
    string detail,
    int? retryAfterSeconds = null,
    IReadOnlyDictionary<string, object?>? members = null) : IResult
{
    /// <summary>The media type of problem answers.</summary>
    public const string MediaType = "application/problem+json";

    private static readonly Dictionary<string, object?> NoMembers = [];

    /// <summary>The stable code of this problem.</summary>
    public ProblemCode Code => code;

    /// <summary>What is wrong in this case.</summary>
    public string Detail => detail;

    /// <inheritdoc />
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var form = httpContext.GetEndpoint()?.Metadata.GetMetadata<IProblemForm>();
        response.StatusCode = form?.StatusOf(code) ?? code.Status;
        response.ContentType = form?.MediaType ?? MediaType;
        if (retryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        await using (var writer = new Utf8JsonWriter(buffer))
        {
            if (form is null)
            {
                Write(writer, httpContext.TraceIdentifier);
            }
            else
            {
                form.Write(writer, this, httpContext.TraceIdentifier);
            }
        }

        response.ContentLength = buffer.WrittenCount;
        await response.Body.WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted);
    }

    private void Write(Utf8JsonWriter writer, string requestId)
    {
        writer.WriteStartObject();
        writer.WriteString("type", $"/docs/errors#{code.Code}");
        writer.WriteString("title", code.Title);
        writer.WriteNumber("status", code.Status);
        writer.WriteString("detail", detail);
        writer.WriteString("code", code.Code);
        writer.WriteBoolean("retryable", code.Retry == Retry.Later);
        writer.WriteString("what_to_do", code.WhatToDo);
        writer.WriteString("request_id", requestId);
        foreach (var (name, value) in members ?? NoMembers)
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, value, JsonConventions.Options);
        }

        writer.WriteEndObject();
    }
}
